import { isWaiting, setWaiting } from '../dom/focus.js';
import type { Notice } from '../dom/notice.js';
import { faultText } from './fault-text.js';

/** Does what a button asks for, once at a time; `notice` tells a failure. */
export async function attempt(
  button: Element,
  notice: Notice,
  work: () => Promise<void>,
): Promise<void> {
  if (isWaiting(button)) return;
  setWaiting(button, true);
  try {
    await work();
  } catch (error) {
    notice.warn(faultText(error) ?? 'The server does not answer: try again');
  } finally {
    setWaiting(button, false);
  }
}
