import { describe, expect, it } from 'vitest';
import { runCaptured } from './captured.js';

const COMMANDS = ['gaps list', 'gaps check', 'gaps explain', 'gaps repair', 'verify'];

describe('m1 gaps and m1 verify', () => {
  it.each([
    ['gaps', /m1 gaps list\|check\|explain\|repair/],
    ['gaps list --kind lost', /--kind "lost" is unknown: use unconfirmed, no_trades/],
    ['gaps list --timeframe 2m', /5m, 15m, 1h, 4h, 1d/],
    ['gaps list --symbol BTC/USDT', /BTC\/USDT/],
    ['gaps list --from 2026-02-30', /--from/],
    ['gaps list --to yesterday', /--to/],
    ['gaps check --from 2026-01-01', /--symbol is missing/],
    ['gaps check --symbol BTCUSDT', /--from is missing/],
    ['gaps check --symbol BTCUSDT --from 2026-01-02 --to 2026-01-01', /must lie before/],
    ['gaps check --symbol BTCUSDT --from 2099-01-01', /must lie before --to \(now\)/],
    ['gaps explain BTCUSDT 5m', /m1 gaps explain --help/],
    ['gaps explain BTCUSDT 7m 2026-01-01', /TIMEFRAME "7m" is unknown/],
    ['gaps explain BTCUSDT 5m noon', /TIME "noon" is no date or time/],
    ['gaps explain BTCUSDT,ETHUSDT 5m 2026-01-01', /SYMBOL must be one pair/],
    ['gaps repair --kind before_listing', /did not trade/],
    ['verify --venue 0', /--venue/],
    ['verify --venue many', /--venue/],
    ['verify BTCUSDT', /m1 verify --help/],
  ])('m1 %s exits with 2 and one line', async (line, message) => {
    const { exitCode, stdout, stderr } = await runCaptured(line);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^m1: [^\n]+\n$/);
    expect([exitCode, stdout]).toEqual([2, '']);
  });

  it.each([
    'gaps list',
    'gaps list --json',
    'gaps check --symbol BTCUSDT --from 2026-01-01',
    'gaps explain BTCUSDT 5m 2026-01-01',
    'gaps repair',
    'verify',
    'verify --json --venue 3',
  ])('m1 %s exits with 1 and one line when servers are away', async (line) => {
    const env = { POSTGRES_PORT: '1', REDIS_PORT: '1', TEMPORAL_ADDRESS: '127.0.0.1:1' };
    const { exitCode, stdout, stderr } = await runCaptured(line, env);
    expect(stderr).toMatch(/^m1: [^\n]*(PostgreSQL|Temporal)[^\n]*\n$/);
    expect([exitCode, stdout]).toEqual([1, '']);
  });

  it.each(COMMANDS)('help of m1 %s has an example', async (command) => {
    const { exitCode, stdout } = await runCaptured(`${command} --help`);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Examples');
    expect((await runCaptured('--help')).stdout).toContain(`  m1 ${command}`);
  });
});
