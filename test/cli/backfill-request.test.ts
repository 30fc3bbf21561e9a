import { describe, expect, it } from 'vitest';
import { backfillWorkflowId } from '../../domain/backfill.js';
import { WrongUse } from '../../domain/failure.js';
import { parseBackfillRequest, type BackfillOptions } from '../../cli/backfill-request.js';

const NOW_MS = Date.UTC(2026, 1, 1);
const NONE: BackfillOptions = {
  symbols: [],
  top: undefined,
  timeframes: [],
  days: undefined,
  from: undefined,
  to: undefined,
  onlyFailed: false,
  dryRun: false,
};

function idOf(options: Partial<BackfillOptions>): string {
  return backfillWorkflowId(parseBackfillRequest({ ...NONE, ...options }, NOW_MS));
}

describe('parseBackfillRequest', () => {
  it.each<[Partial<BackfillOptions>, string]>([
    [{}, 'backfill/bybit/top50/all/90d'],
    [{ top: '5', days: '30' }, 'backfill/bybit/top5/all/30d'],
    [{ symbols: ['ethusdt', 'BTCUSDT', 'ETHUSDT'] }, 'backfill/bybit/BTCUSDT+ETHUSDT/all/90d'],
    [{ symbols: ['btcusdt,ethusdt'] }, 'backfill/bybit/BTCUSDT+ETHUSDT/all/90d'],
    [{ timeframes: ['1h', '5m', '1h'] }, 'backfill/bybit/top50/5m+1h/90d'],
    [{ from: '2026-01-01', to: '2026-02-01' }, 'backfill/bybit/top50/all/2026-01-01_2026-02-01'],
    [{ from: '2026-01-01T08:00Z' }, 'backfill/bybit/top50/all/2026-01-01T08:00:00Z_now'],
    [{ onlyFailed: true, days: '7' }, 'backfill/bybit/top50/all/7d/only-failed'],
    [{ onlyFailed: true, dryRun: true }, 'backfill/bybit/top50/all/failures/only-failed/dry-run'],
  ])('%j is %s', (options, id) => {
    expect(idOf(options)).toBe(id);
  });

  it('gives the same request for another order of the same options', () => {
    expect(idOf({ symbols: ['B2', 'A1'], timeframes: ['1d', '5m'] })).toBe(
      idOf({ symbols: ['a1', 'b2'], timeframes: ['5m,1d'] }),
    );
  });

  it.each<[Partial<BackfillOptions>, RegExp]>([
    [{ timeframes: ['2m'] }, /5m, 15m, 1h, 4h, 1d/],
    [{ timeframes: [''] }, /--timeframe/],
    [{ days: '0' }, /--days/],
    [{ days: '-1' }, /--days/],
    [{ days: '1.5' }, /--days/],
    [{ days: 'ten' }, /--days/],
    [{ days: '36501' }, /--days/],
    [{ days: '1e3' }, /--days/],
    [{ days: '30', from: '2026-01-01' }, /--days excludes/],
    [{ days: '30', to: '2026-01-01' }, /--days excludes/],
    [{ symbols: ['BTCUSDT'], top: '5' }, /--symbol and --top/],
    [{ symbols: ['BTC/USDT'] }, /BTCUSDT/],
    [{ symbols: [''] }, /--symbol/],
    [{ symbols: ['A'.repeat(21)] }, /--symbol/],
    [{ top: '0' }, /--top/],
    [{ top: 'all' }, /--top/],
    [{ from: '2026-02-30' }, /--from/],
    [{ from: '2026-01-02', to: '2026-01-01' }, /must lie before/],
    [{ from: '2026-01-01', to: '2026-01-01' }, /must lie before/],
    [{ from: '2126-01-01' }, /future/],
    [{ to: '2026-01-01' }, /--to needs --from/],
  ])('refuses %j', (options, message) => {
    const parse = (): unknown => parseBackfillRequest({ ...NONE, ...options }, NOW_MS);
    expect(parse).toThrow(WrongUse);
    expect(parse).toThrow(message);
  });
});
