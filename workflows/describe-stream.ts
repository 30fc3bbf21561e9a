import type { StreamStatus } from '../domain/stream.js';

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
  const names = symbols.slice(0, SPELLED).join(', ');
  const more = symbols.length > SPELLED ? ` and ${symbols.length - SPELLED} more` : '';
  return [
    `**${phase}**: ${PHASES[phase]}`,
    `${symbols.length} symbols${source === '' ? '' : ` of ${source}`}: ${names}${more}`,
    `Since ${new Date(startedAtMs).toISOString()}, ${rotations} rotations. ` +
      'Messages, lag and reconnects are in the heartbeat of the activity `runStream`.',
  ].join('\n\n');
}
