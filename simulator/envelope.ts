import type { Quirks } from './quirks.js';

/** What an endpoint answers, before it is wrapped. */
export interface ApiAnswer {
  /** 0 = success. */
  readonly retCode: number;
  readonly retMsg: string;
  /** JSON text of `result`; bytes where they were written as bytes. */
  readonly result: string | Buffer;
}

/** What an endpoint is asked. */
export type Query = URLSearchParams;

export const UNKNOWN_SYMBOL = 'Not supported symbols';

/** A success; its retMsg is the venue's, which differs from time to time. */
export function success(result: string | Buffer, quirks: Quirks): ApiAnswer {
  return { retCode: 0, retMsg: quirks.retMsg, result };
}

/** A business error: HTTP 200, the reason in retCode. */
export function failure(retCode: number, retMsg: string, quirks: Quirks): ApiAnswer {
  return { retCode, retMsg, result: quirks.errorResult === 'null' ? 'null' : '{}' };
}

/** The venue's JSON around an answer; `timeMs` is the market's clock. */
export function wrap(answer: ApiAnswer, timeMs: number, quirks: Quirks): Buffer {
  const { retCode, retMsg, result } = answer;
  const extra = quirks.retExtInfo === 'null' ? 'null' : '{}';
  return Buffer.concat([
    Buffer.from(`{"retCode":${retCode},"retMsg":${JSON.stringify(retMsg)},"result":`),
    typeof result === 'string' ? Buffer.from(result) : result,
    Buffer.from(`,"retExtInfo":${extra},"time":${timeMs}}`),
  ]);
}
