import type { InputReader } from './input-reader.js';
import { parseRule, type FaultOnDemand } from './parse-rule.js';
import { FRAME_KINDS, type FrameKind } from './stream-frame.js';

/** Messages that are not what they should be. */
export const MALFORMED_FORMS = [
  /** The first half of the JSON. */
  'truncated',
  /** Bytes that are no text. */
  'binary',
  /** A gateway's error page. */
  'html',
  /** Every second field of the data is missing (in answers: `success`). */
  'missingFields',
  /** `data` is null (in answers: every field but `op`). */
  'nullData',
  /** Texts as numbers, numbers as texts that are none. */
  'wrongTypes',
] as const;
export type MalformedForm = (typeof MALFORMED_FORMS)[number];

/** What a fault does to a message, or to a topic that is asked for. */
export type StreamFaultEffect =
  /** The message is not sent. */
  | { readonly kind: 'withhold' }
  /** The message is sent twice. */
  | { readonly kind: 'duplicate' }
  /** The message is sent later (ms of real time). */
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** A malformed one is sent before it, or `instead` of it. */
  | { readonly kind: 'malformed'; readonly form: MalformedForm; readonly instead?: boolean }
  /** The topic is refused with this ret_msg; default "error:handler not found". */
  | { readonly kind: 'refuse'; readonly retMsg?: string };

/** Which messages a fault meets; what is absent matches all. */
export interface StreamFaultMatch {
  /** conn_id. */
  readonly connection?: string;
  /** The whole topic, as kline.5.BTCUSDT. */
  readonly topic?: string;
  readonly symbol?: string;
  readonly frames?: FrameKind;
}

/** A fault on demand; its occasions are the messages (for `refuse`, the topics) that match. */
export type StreamFaultRule = FaultOnDemand<StreamFaultMatch, StreamFaultEffect>;

const EFFECT_KINDS = ['withhold', 'duplicate', 'delay', 'malformed', 'refuse'] as const;

/** Reads a rule that comes from outside. Thrown: an Error that names the wrong field. */
export function parseStreamFaultRule(input: unknown): StreamFaultRule {
  return parseRule(input, readMatch, readEffect);
}

function readMatch(reader: InputReader): StreamFaultMatch {
  const frames = reader.choice('frames', FRAME_KINDS);
  return {
    ...(frames === undefined ? {} : { frames }),
    ...reader.texts('connection', 'topic', 'symbol'),
  };
}

function readEffect(reader: InputReader): StreamFaultEffect {
  const kind = reader.required('kind', reader.choice('kind', EFFECT_KINDS));
  switch (kind) {
    case 'delay': {
      const { delayMs } = reader.numbers('delayMs');
      return { kind, delayMs: reader.required('delayMs', delayMs) };
    }
    case 'malformed': {
      const form = reader.required('form', reader.choice('form', MALFORMED_FORMS));
      return { kind, form, ...reader.flags('instead') };
    }
    case 'refuse':
      return { kind, ...reader.texts('retMsg') };
    default:
      return { kind };
  }
}
