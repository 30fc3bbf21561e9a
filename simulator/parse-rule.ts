import { InputReader } from './input-reader.js';
import type { CountedRule } from './rule-book.js';

/** A fault on demand: which occasions it meets, and what it does to them. */
export interface FaultOnDemand<Match, Effect> extends CountedRule {
  /** Absent: every occasion. */
  readonly match?: Match;
  readonly effect: Effect;
}

/**
 * Reads a rule that comes from outside; the parts need not look for fields that nobody takes.
 * Thrown: an Error that names the wrong field.
 */
export function parseRule<Match, Effect>(
  input: unknown,
  readMatch: (reader: InputReader) => Match,
  readEffect: (reader: InputReader) => Effect,
): FaultOnDemand<Match, Effect> {
  const reader = new InputReader(input, 'fault');
  const match = reader.object('match');
  const effect = reader.required('effect', reader.object('effect'));
  const rule = {
    ...(match === undefined ? {} : { match: wholly(match, readMatch) }),
    ...reader.numbers('times', 'after', 'probability', 'seed'),
    effect: wholly(effect, readEffect),
  };
  reader.finish();
  return rule;
}

function wholly<Part>(reader: InputReader, read: (reader: InputReader) => Part): Part {
  const part = read(reader);
  reader.finish();
  return part;
}
