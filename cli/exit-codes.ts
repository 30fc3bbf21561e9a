/** What `m1` exits with. A hole of the venue never changes it. */
export const EXIT = {
  done: 0,
  /** A server is away or refuses. */
  failed: 1,
  /** Wrong use or configuration. */
  wrongUse: 2,
  /** Finished, but some series failed or something is missing. */
  partial: 3,
} as const;
