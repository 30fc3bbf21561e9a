/** Thrown when a server cannot be found, started or stopped; the message says what to do next. */
export class StackError extends Error {
  override readonly name = 'StackError';
}

/** Thrown when a server found its port taken between our look and its own. */
export class AddressInUseError extends StackError {}
