import { WriteStream } from 'node:tty';
import { streamWord } from '../../steering/stream-standing.js';
import { paletteFor } from './palette.js';
import type { Palette } from './progress-lines.js';
import { spaceOf, type ViewStream } from './run-view.js';
import { plainStreamLine, streamLines, type StreamPicture } from './stream-lines.js';

/** Shows a stream while it goes on. */
export interface StreamView {
  /** Whether it shows prices, which then are worth being read. */
  readonly showsPrices: boolean;
  show(picture: StreamPicture): void;
  /** Ends the view; what is printed afterwards stands below it. */
  end(): void;
}

export interface StreamViewOptions {
  readonly stream: ViewStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Tells changes only, for `--json`. */
  readonly terse: boolean;
}

/** Time between two lines without a terminal, ms; a change of state is told at once. */
const PLAIN_INTERVAL_MS = 10_000;

/** A table on a terminal, a line every ten seconds elsewhere, only changes with `terse`. */
export async function createStreamView(options: StreamViewOptions): Promise<StreamView> {
  const { stream, env, terse } = options;
  if (terse) return plainStreamView(stream, Infinity);
  if (stream instanceof WriteStream && env['TERM'] !== 'dumb') return terminalView(stream, env);
  return plainStreamView(stream, PLAIN_INTERVAL_MS);
}

async function terminalView(
  stream: WriteStream,
  env: StreamViewOptions['env'],
): Promise<StreamView> {
  const { createLogUpdate } = await import('log-update');
  const palette: Palette = await paletteFor(stream, env);
  const draw = createLogUpdate(stream);
  let last: StreamPicture | undefined;
  const show = (picture: StreamPicture): void => {
    last = picture;
    draw(streamLines(picture, spaceOf(stream), palette).join('\n'));
  };
  return {
    showsPrices: true,
    show,
    end: () => {
      // the last prices stay on the screen, what Ctrl-C did does not
      if (last?.standing.status === undefined) draw.clear();
      else show({ ...last, hint: undefined });
      draw.done();
    },
  };
}

/** Exported for tests, with a clock of theirs. */
export function plainStreamView(
  stream: ViewStream,
  intervalMs: number,
  nowMs: () => number = Date.now,
): StreamView {
  let shownAtMs = -Infinity;
  let shownWord: string | undefined;
  let shownNotices = '';
  return {
    showsPrices: false,
    show: (picture) => {
      const notices = picture.notices.join('\n');
      if (notices !== '' && notices !== shownNotices) stream.write(`${notices}\n`);
      shownNotices = notices;
      const word = streamWord(picture.standing);
      if (word === shownWord && nowMs() - shownAtMs < intervalMs) return;
      shownWord = word;
      shownAtMs = nowMs();
      stream.write(`${plainStreamLine(picture)}\n`);
    },
    end: () => undefined,
  };
}
