import { describe, expect, it } from 'vitest';
import { runCaptured } from './captured.js';

describe('m1 export', () => {
  const series = '--symbol BTCUSDT --timeframe 5m';

  it.each([
    ['--timeframe 5m', /--symbol is missing/],
    ['--symbol BTCUSDT', /--timeframe is missing/],
    ['--symbol BTCUSDT --timeframe 7m', /5m, 15m, 1h, 4h, 1d/],
    [`${series} --format xlsx`, /--format "xlsx" is unknown: use csv, parquet, jsonl/],
    [`${series} --from 2026-02-30`, /--from/],
    [`${series} --from 2026-02-02 --to 2026-02-01`, /must lie before/],
    [`${series} --output - --format parquet`, /--output - takes csv and jsonl only/],
    [`${series} --format csv --output y.Parquet`, /--format csv contradicts --output y\.Parquet/],
    [`${series} --output - --json`, /--json excludes --output -/],
    [`${series} --symbol ETHUSDT --output one.csv`, /2 series are asked for/],
    [`${series} --output package.json`, /package\.json exists: .*--force/],
    [`${series} --output test --force`, /test is no regular file/],
  ])('m1 export %s exits with 2 and one line', async (line, message) => {
    const { exitCode, stdout, stderr } = await runCaptured(`export ${line}`);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^m1: [^\n]+\n$/);
    expect([exitCode, stdout]).toEqual([2, '']);
  });

  it('exits with 1 and one line when the database is away', async () => {
    const { exitCode, stdout, stderr } = await runCaptured(`export ${series}`, {
      POSTGRES_PORT: '1',
    });
    expect(stderr).toMatch(/^m1: PostgreSQL [^\n]*\n$/);
    expect([exitCode, stdout]).toEqual([1, '']);
  });
});
