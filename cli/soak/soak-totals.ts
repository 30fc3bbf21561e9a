import type { StreamFigures } from '../../domain/stream.js';
import { figuresOf, type SoakSample } from './soak-sample.js';

/** Counters of the figures, which begin anew with each attempt of the activity. */
export type Counter =
  'reconnects' | 'gaps' | 'candlesStored' | 'tickersWritten' | 'tickersDropped' | 'revisions';

/** How much a counter rose from one sample to the next; 0 where either says nothing. */
export function rises(samples: readonly SoakSample[], counter: Counter): readonly number[] {
  let before: StreamFigures | undefined;
  return samples.map((sample) => {
    const now = figuresOf(sample);
    if (now === undefined) return 0;
    const known = before;
    before = now;
    // the first sample counts from there; a new attempt from 0
    if (known === undefined) return 0;
    return known.sinceMs === now.sinceMs ? now[counter] - known[counter] : now[counter];
  });
}

/** How much it rose during the soak. */
export function total(samples: readonly SoakSample[], counter: Counter): number {
  return rises(samples, counter).reduce((sum, rise) => sum + rise, 0);
}
