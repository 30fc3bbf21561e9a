import { WriteStream } from 'node:tty';
import type { ViewStream } from './run-view.js';

/** Shows how far a command is, in one line. */
export interface LineView {
  show(line: string): void;
  /** Ends the view; what is printed afterwards stands below it. */
  end(): void;
}

export interface LineViewOptions {
  readonly stream: ViewStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Shows nothing, for `--json`. */
  readonly silent: boolean;
}

/** Time between two lines without a terminal, ms. */
const PLAIN_INTERVAL_MS = 5_000;

/** A line that is drawn again on a terminal, a line every few seconds elsewhere. */
export async function createLineView({ stream, env, silent }: LineViewOptions): Promise<LineView> {
  if (silent) return { show: () => undefined, end: () => undefined };
  if (!(stream instanceof WriteStream) || env['TERM'] === 'dumb') return plainLineView(stream);
  const { createLogUpdate } = await import('log-update');
  const draw = createLogUpdate(stream);
  return {
    show: (line) => draw(line),
    end: () => {
      draw.clear();
      draw.done();
    },
  };
}

/** Exported for tests, with a clock of theirs. */
export function plainLineView(stream: ViewStream, nowMs: () => number = Date.now): LineView {
  let shownAtMs = nowMs();
  return {
    show: (line) => {
      if (nowMs() - shownAtMs < PLAIN_INTERVAL_MS) return;
      shownAtMs = nowMs();
      stream.write(`${line}\n`);
    },
    end: () => undefined,
  };
}
