import { el } from '../dom/element.js';

/** Asks for the token in the page; the page can show nothing without it, so there is no way out. */
export async function promptToken(refused: boolean): Promise<string> {
  const input = el('input', {
    type: 'password',
    name: 'token',
    autocomplete: 'current-password',
    required: true,
    autofocus: true,
  });
  const said = refused
    ? 'This token was refused. '
    : 'This dashboard asks for a token, the value of ';
  const dialog = el(
    'dialog',
    { 'aria-label': 'Token' },
    el(
      'form',
      { method: 'dialog' },
      el('p', {}, said, refused ? 'It is the value of ' : '', el('code', {}, 'DASHBOARD_TOKEN')),
      el('label', { class: 'field' }, 'Token', input),
      el('div', { class: 'buttons' }, el('button', { class: 'primary' }, 'Open the dashboard')),
    ),
  );
  dialog.addEventListener('cancel', (event) => event.preventDefault());
  document.body.append(dialog);
  dialog.showModal();
  do {
    // a second Escape closes a dialog whatever the page says
    if (!dialog.open) dialog.showModal();
    await new Promise((resolve) => dialog.addEventListener('close', resolve, { once: true }));
  } while (input.value.trim() === '');
  dialog.remove();
  return input.value.trim();
}
