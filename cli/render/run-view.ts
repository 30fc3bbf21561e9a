import { WriteStream } from 'node:tty';
import type { RunState } from '../../steering/run-state.js';
import { paletteFor, type MaybeTerminal } from './palette.js';
import { plainLine, progressLines, type Space } from './progress-lines.js';

/** Shows a run while it goes on. */
export interface RunView {
  show(state: RunState): void;
  /** Ends the view; what is printed afterwards stands below it. */
  end(): void;
}

/** A stream to draw on. */
export interface ViewStream extends MaybeTerminal {
  write(text: string): unknown;
}

export interface RunViewOptions {
  readonly stream: ViewStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Shows only what the user must act upon, for `--json`. */
  readonly silent: boolean;
}

/** Time between two lines without a terminal, ms; a change of phase is told at once. */
const PLAIN_INTERVAL_MS = 5_000;

const DEFAULT_WIDTH = 80;
const DEFAULT_HEIGHT = 24;

/** Bars on a terminal, a line every few seconds elsewhere, only notices with `silent`. */
export async function createRunView(options: RunViewOptions): Promise<RunView> {
  const { stream, env, silent } = options;
  if (silent) return noticeView(stream);
  if (stream instanceof WriteStream && env['TERM'] !== 'dumb') return terminalView(stream, env);
  return plainView(stream);
}

async function terminalView(stream: WriteStream, env: RunViewOptions['env']): Promise<RunView> {
  const { createLogUpdate } = await import('log-update');
  const palette = await paletteFor(stream, env);
  const draw = createLogUpdate(stream);
  return {
    show: (state) => draw(progressLines(state, spaceOf(stream), palette).join('\n')),
    end: () => {
      draw.clear();
      draw.done();
    },
  };
}

/** A pseudo-terminal may report no size. */
export function spaceOf(stream: WriteStream): Space {
  return { width: stream.columns || DEFAULT_WIDTH, height: stream.rows || DEFAULT_HEIGHT };
}

function noticeView(stream: ViewStream): RunView {
  let shown: string | undefined;
  return {
    show: ({ notice }) => {
      if (notice !== undefined && notice !== shown) stream.write(`${notice}\n`);
      shown = notice;
    },
    end: () => undefined,
  };
}

/** A notice is told once and holds until it changes. Exported for tests, with a clock of theirs. */
export function plainView(stream: ViewStream, nowMs: () => number = Date.now): RunView {
  let shownAtMs = -Infinity;
  let shownKey: string | undefined;
  return {
    show: (state) => {
      const key = `${state.notice ?? ''} ${state.progress?.phase ?? ''}`;
      const early = state.notice !== undefined || nowMs() - shownAtMs < PLAIN_INTERVAL_MS;
      if (key === shownKey && early) return;
      shownKey = key;
      shownAtMs = nowMs();
      stream.write(`${state.notice ?? plainLine(state)}\n`);
    },
    end: () => undefined,
  };
}
