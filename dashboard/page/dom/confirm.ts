import { el } from './element.js';

/** Asks in the page; true when it was confirmed. */
export async function confirmed(question: string, action: string): Promise<boolean> {
  const dialog = el(
    'dialog',
    { 'aria-label': question },
    el(
      'form',
      { method: 'dialog' },
      el('p', {}, question),
      el(
        'div',
        { class: 'buttons' },
        el('button', { value: 'no', autofocus: true }, 'Keep it'),
        el('button', { value: 'yes', class: 'danger' }, action),
      ),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener('close', resolve, { once: true }));
  dialog.remove();
  return dialog.returnValue === 'yes';
}
