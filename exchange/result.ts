import { RetrySoon } from '../domain/failure.js';
import { isRecord, parseEnvelope, venueTimeMs, type Result } from './envelope.js';
import { excerptOf } from './excerpt.js';
import type { HttpAnswer } from './http-transport.js';
import { refusalOf, type RefusalContext } from './refusal.js';

/**
 * What a good answer holds.
 *
 * @throws RetrySoon, WaitUntil, GiveUpSymbol, GiveUpRun for any other answer
 */
export function resultOf(answer: HttpAnswer, context: RefusalContext): Result {
  const envelope = parseEnvelope(answer.body);
  const refusal = refusalOf(answer, envelope, context);
  if (refusal !== undefined) throw refusal;
  const timeMs = envelope && venueTimeMs(envelope);
  if (!isRecord(envelope?.result) || timeMs === undefined) {
    throw new RetrySoon(
      `ByBit's answer for ${context.subject.label} has no result or no time: ${excerptOf(answer.body)}`,
    );
  }
  return { result: envelope.result, rows: envelope.rows, venueTimeMs: timeMs };
}
