import { WriteStream } from 'node:tty';
import type { CommandIo } from '../io.js';
import { collectParts, type CollectPicture } from './collect-picture.js';

/** Shows what collects a set while it is watched. */
export interface CollectView {
  show(picture: CollectPicture): void;
  end(): void;
}

/** Time between two lines without a terminal, ms. */
const PLAIN_INTERVAL_MS = 10_000;

/** Lines that are drawn anew on a terminal, a line every ten seconds elsewhere. */
export async function createCollectView({ stdout, env }: CommandIo): Promise<CollectView> {
  if (stdout instanceof WriteStream && env['TERM'] !== 'dumb') {
    const { createLogUpdate } = await import('log-update');
    const draw = createLogUpdate(stdout);
    const hint = 'Ctrl-C leaves everything running';
    return {
      show: (picture) => draw([...collectParts(picture), hint].join('\n')),
      end: () => draw.done(),
    };
  }
  let shownAtMs = -Infinity;
  return {
    show: (picture) => {
      if (picture.nowMs - shownAtMs < PLAIN_INTERVAL_MS) return;
      shownAtMs = picture.nowMs;
      stdout.write(`${collectParts(picture).join('; ')}\n`);
    },
    end: () => undefined,
  };
}
