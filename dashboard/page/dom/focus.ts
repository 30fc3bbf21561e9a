/**
 * Whether a button waits for what it asked for. `disabled` would take the focus from whoever pressed it
 * by key; one that waits can still be pressed, and who listens to it lets that pass.
 */
export function setWaiting(button: Element, waiting: boolean): void {
  button.setAttribute('aria-disabled', String(waiting));
}

export function isWaiting(button: Element): boolean {
  return button.getAttribute('aria-disabled') === 'true';
}

/** What takes the place of an element takes over its focus, before that element goes. */
export function passFocus(from: Element, to: HTMLElement): void {
  if (document.activeElement === from) to.focus();
}
