/** Where a feed says what a person should know. One line each. */
export interface FeedLog {
  warn(message: string): void;
  /** A fault of the program. */
  error(message: string, cause: unknown): void;
}
