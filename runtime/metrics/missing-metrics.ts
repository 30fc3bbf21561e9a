import { Gauge, type Registry } from 'prom-client';
import { UNPROVED_KINDS, type GapKind } from '../../domain/gap.js';
import { answerWithin } from './answer-within.js';

/** A scrape waits no longer for the database, ms. */
const PATIENCE_MS = 2_000;

/** Candles that gaps of one kind lack. */
export interface MissingCandles {
  readonly kind: GapKind;
  readonly candles: number;
}

/**
 * Registers what is missing, read at each scrape: it is the same in every worker, and never old. While
 * the database does not answer the metric is absent, and scrapes do not pile up before it.
 *
 * @param read kinds of which nothing is missing may be absent
 */
export function createMissingMetrics(
  registry: Registry,
  read: () => Promise<readonly MissingCandles[]>,
): void {
  let reading: Promise<readonly MissingCandles[]> | undefined;
  const readOnce = (): Promise<readonly MissingCandles[]> => {
    reading ??= read().finally(() => (reading = undefined));
    return reading;
  };
  new Gauge({
    name: 'm1_missing_candles',
    help: 'Candles that are missing and will be asked for again',
    labelNames: ['kind'],
    registers: [registry],
    async collect() {
      // /healthz tells that the database is away, and why
      const missing = await answerWithin(PATIENCE_MS, readOnce).catch(() => undefined);
      this.reset();
      if (missing === undefined) return;
      for (const kind of UNPROVED_KINDS) this.set({ kind }, 0);
      for (const { kind, candles } of missing) this.set({ kind }, candles);
    },
  });
}
