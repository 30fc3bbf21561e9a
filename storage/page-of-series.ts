import type { Series } from '../domain/series.js';
import type { PageFacts } from './gap-answers.js';

/** A page to be stored. */
export interface PageOfSeries {
  readonly series: Series;
  readonly facts: PageFacts;
}

/** Open time of the first candle of the series' life, when this page shows it. */
export function firstCandleMs({ page, startsOnFirstDay }: PageFacts): number | undefined {
  return startsOnFirstDay ? page.closed.openTimeMs[0] : undefined;
}
