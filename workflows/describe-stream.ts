import { formatMinute, plural, symbolsText } from '../domain/format.js';
import type { StreamStatus } from '../domain/stream.js';
import { paragraphs, sourceLines } from './markdown.js';

/** Symbols that are spelled out. */
const SPELLED = 60;

const PHASES: Readonly<Record<StreamStatus['phase'], string>> = {
  planning: 'choosing the symbols',
  connecting: 'opening the sockets',
  live: 'data flows',
  rotating: 'a new activity opens its sockets beside the running one',
  stopping: 'closing the sockets, storing what was received',
  stopped: 'the sockets are closed',
};

/** The state of a stream as Markdown for the Web UI. */
export function describeStream(status: StreamStatus): string {
  const { symbols, source, phase, rotations, startedAtMs } = status;
  return paragraphs([
    ...sourceLines(source),
    `**${phase}**: ${PHASES[phase]}`,
    `Since ${formatMinute(startedAtMs)} UTC, ${plural(rotations, 'rotation')}. ` +
      'Messages, lag, reconnects and the last error: Pending Activities, `runStream`',
    ...(symbols.length === 0
      ? []
      : [`${plural(symbols.length, 'symbol')}: ${symbolsText(symbols, SPELLED)}`]),
  ]);
}
