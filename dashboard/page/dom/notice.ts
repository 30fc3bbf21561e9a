import { el, setText } from './element.js';

export interface Notice {
  readonly element: HTMLElement;
  say(text: string): void;
  warn(text: string): void;
  clear(): void;
}

/** A line under the controls of a view that tells what came of a request. */
export function createNotice(): Notice {
  const element = el('p', { class: 'notice', role: 'status', hidden: true });
  const show = (text: string, kind: string): void => {
    setText(element, text);
    element.dataset['kind'] = kind;
    element.hidden = false;
  };
  return {
    element,
    say: (text) => show(text, 'said'),
    warn: (text) => show(text, 'warned'),
    clear: () => {
      element.hidden = true;
      setText(element, '');
    },
  };
}
