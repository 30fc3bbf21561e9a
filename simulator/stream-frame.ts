export const FRAME_KINDS = ['ack', 'pong', 'ticker', 'kline', 'closing'] as const;

/**
 * What a message of the server is: an acknowledgement (also a refusal), the answer to a ping, a
 * ticker, an open candle, or a closed one.
 */
export type FrameKind = (typeof FRAME_KINDS)[number];

/** A message on its way to a client. */
export interface StreamFrame {
  readonly kind: FrameKind;
  /** Whose data it carries; absent in answers to requests. */
  readonly subject?: FrameSubject;
  readonly text: string;
}

/** A topic and its symbol. */
export interface FrameSubject {
  readonly topic: string;
  readonly symbol: string;
}
