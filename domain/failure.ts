/*
 * Errors are sorted by what the caller must do, not by where they came from. Each carries a message
 * of one line that names the cause and, for those a person must mend, the next step.
 */

/** Thrown when an answer failed or was unusable and the same request may succeed soon. Counted. */
export class RetrySoon extends Error {
  override readonly name = 'RetrySoon';
}

/** Thrown when the venue said to wait. Not the request's fault, so it is not counted. */
export class WaitUntil extends Error {
  override readonly name = 'WaitUntil';
  constructor(
    message: string,
    /** Local clock, ms since 1970. */
    readonly untilMs: number,
    /** True for a ban of the whole IP, false for one refused request. */
    readonly ban: boolean = false,
  ) {
    super(message);
  }
}

/** Thrown when the venue will never answer for this symbol or series. */
export class GiveUpSymbol extends Error {
  override readonly name = 'GiveUpSymbol';
}

/** Thrown when no request of this run can succeed until a person acts. */
export class GiveUpRun extends Error {
  override readonly name = 'GiveUpRun';
}

/** Thrown for wrong use or configuration. The CLI exits with 2. */
export class WrongUse extends Error {
  override readonly name = 'WrongUse';
}

/** Thrown when a server is away or refuses. The CLI exits with 1. */
export class ServerAway extends Error {
  override readonly name = 'ServerAway';
}

/**
 * Thrown when the database undid a transaction in favour of another one. Nothing was stored; the
 * same call may be repeated at once. Not the venue's fault, so it is not counted.
 */
export class RetryNow extends Error {
  override readonly name = 'RetryNow';
}

/** The text of anything thrown, in one line. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0] ?? text;
}
