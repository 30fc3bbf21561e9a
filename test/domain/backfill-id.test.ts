import { describe, expect, it } from 'vitest';
import { backfillWorkflowId, type BackfillRequest } from '../../domain/backfill.js';
import { TIMEFRAMES } from '../../domain/timeframe.js';

const top: BackfillRequest = {
  pairs: { kind: 'top', count: 50 },
  timeframes: TIMEFRAMES,
  span: { kind: 'days', days: 90 },
  onlyFailed: false,
  dryRun: false,
};

describe('workflow id of a backfill', () => {
  it('spells a run of the top pairs', () => {
    expect(backfillWorkflowId(top)).toBe('backfill/bybit/top50/all/90d');
  });

  it('sorts symbols and timeframes, so the same request always meets itself', () => {
    const request = (symbols: string[], timeframes: BackfillRequest['timeframes']) =>
      backfillWorkflowId({
        ...top,
        pairs: { kind: 'symbols', symbols },
        timeframes,
        span: { kind: 'range', fromMs: Date.UTC(2026, 0, 1), toMs: Date.UTC(2026, 1, 1) },
      });
    const id = 'backfill/bybit/BTCUSDT+ETHUSDT/5m+1h/2026-01-01_2026-02-01';
    expect(request(['ETHUSDT', 'BTCUSDT'], ['1h', '5m'])).toBe(id);
    expect(request(['BTCUSDT', 'ETHUSDT', 'BTCUSDT'], ['5m', '1h'])).toBe(id);
  });

  it('counts and hashes a long list, and tells lists of the same length apart', () => {
    const symbols = Array.from({ length: 40 }, (_, i) => `COIN${i}USDT`);
    const id = (list: string[]) =>
      backfillWorkflowId({ ...top, pairs: { kind: 'symbols', symbols: list } });
    expect(id(symbols)).toMatch(/^backfill\/bybit\/40symbols-[0-9a-f]{16}\/all\/90d$/);
    expect(id(symbols)).toBe(id([...symbols].reverse()));
    expect(id(symbols)).not.toBe(id([...symbols.slice(1), 'OTHERUSDT']));
  });

  it('keeps moments that are no midnight apart, and open ends', () => {
    const span = (fromMs: number, toMs?: number) =>
      backfillWorkflowId({
        ...top,
        span: { kind: 'range', fromMs, ...(toMs === undefined ? {} : { toMs }) },
      });
    expect(span(Date.UTC(2026, 0, 1, 10, 30))).toBe(
      'backfill/bybit/top50/all/2026-01-01T10:30:00Z_now',
    );
  });
});
