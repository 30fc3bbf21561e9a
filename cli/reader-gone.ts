import { EventEmitter } from 'node:events';
import type { CommandIo } from './io.js';

export interface ReaderWatch {
  /** Aborted when nobody reads stdout any more, as behind `| head`. */
  readonly signal: AbortSignal;
  stop(): void;
}

/** Tells commands that write for ever when there is nobody left to write for. */
export function watchReader({ stdout }: Pick<CommandIo, 'stdout'>): ReaderWatch {
  const gone = new AbortController();
  if (!(stdout instanceof EventEmitter)) return { signal: gone.signal, stop: () => undefined };
  const onError = (): void => gone.abort();
  stdout.on('error', onError);
  return { signal: gone.signal, stop: () => void stdout.off('error', onError) };
}
