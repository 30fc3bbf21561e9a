/** Behaviour of the venue's stream that no source settles. */
export interface StreamQuirks {
  /** Text for a symbol that does not trade: "Invalid symbol :[...]" or "error:handler not found". */
  streamUnknownSymbol: 'invalid-symbol' | 'handler-not-found';
  /** Form of conn_id: 20 characters, a dash and 5, or a UUID. Default xid. */
  streamConnId: 'xid' | 'uuid';
  /** `req_id` of an answer to a request without one: left out, or "". Default absent. */
  streamReqId: 'absent' | 'empty';
  /** `ret_msg` of a successful unsubscribe: "" or "unsubscribe". Default empty. */
  streamUnsubscribeMsg: 'empty' | 'unsubscribe';
  /** One bad topic refuses the whole request, or only itself. Default whole. */
  streamRefusal: 'whole' | 'partial';
  /** The 21,000 characters count the topics alone, or with quotes and commas. Default topics. */
  streamArgsCount: 'topics' | 'json';
  /** The closing frame of a candle also carries the candle that opens. Default false. */
  streamJoinedBoundary: boolean;
  /** Every closing frame comes twice. Default false. */
  streamDuplicateConfirms: boolean;
  /** The first frames of a topic come before the acknowledgement. Default false. */
  streamDataBeforeAck: boolean;
  /** A connection without pings and data is cut after so many ms. Default 600000. */
  streamIdleMs: number;
  /** `usdIndexPrice` of every ticker frame is "". Default false: as in REST. */
  streamBlankIndexPrice: boolean;
  /** Compresses for clients that offer permessage-deflate. Default false: it costs CPU. */
  streamDeflate: boolean;
  /**
   * Closing frames lack the last trades as long as REST's candles do (`amendAfterMs` and a
   * symbol's amendments). Default false: they are final, and REST comes later.
   */
  streamAmended: boolean;
}

export const DEFAULT_STREAM_QUIRKS: Readonly<StreamQuirks> = {
  streamUnknownSymbol: 'invalid-symbol',
  streamConnId: 'xid',
  streamReqId: 'absent',
  streamUnsubscribeMsg: 'empty',
  streamRefusal: 'whole',
  streamArgsCount: 'topics',
  streamJoinedBoundary: false,
  streamDuplicateConfirms: false,
  streamDataBeforeAck: false,
  streamIdleMs: 600_000,
  streamBlankIndexPrice: false,
  streamDeflate: false,
  streamAmended: false,
};

export const STREAM_CHOICES: Readonly<Partial<Record<keyof StreamQuirks, readonly string[]>>> = {
  streamUnknownSymbol: ['invalid-symbol', 'handler-not-found'],
  streamConnId: ['xid', 'uuid'],
  streamReqId: ['absent', 'empty'],
  streamUnsubscribeMsg: ['empty', 'unsubscribe'],
  streamRefusal: ['whole', 'partial'],
  streamArgsCount: ['topics', 'json'],
};
