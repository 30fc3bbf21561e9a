/** Resolves when `signal` aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Waits for the work, at most until `signal` aborts. @throws what the work throws */
export async function atMostUntil(
  signal: AbortSignal,
  work: Promise<unknown> | undefined,
): Promise<void> {
  let giveUp = (): void => undefined;
  const over = new Promise<void>((resolve) => (giveUp = resolve));
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    await Promise.race([work, over]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
