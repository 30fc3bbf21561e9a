/** Thrown when no answer came at all. */
export class ServerLost extends Error {
  constructor(cause: unknown) {
    super('The server does not answer', { cause });
  }
}

/** Thrown when the server answered other than 2xx; the message is its `Fault`. */
export class RequestRefused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}
