import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { refuseTooShort } from '../../cli/soak/refuse-too-short.js';
import { sampleLine } from '../../cli/soak/soak-lines.js';
import { WrongUse } from '../../domain/failure.js';
import { runCaptured } from './captured.js';
import { NOW_MS, standing, STATUS } from './stream-samples.js';

const home = mkdtempSync(path.join(tmpdir(), 'm1-soak-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Nothing listens there. */
const AWAY = { M1_HOME: home, POSTGRES_HOST: '127.0.0.1', POSTGRES_PORT: '1' };

describe('m1 soak', () => {
  it.each([
    ['soak --hours 0', '--hours must be more than 0'],
    ['soak --hours=-1', 'a number from 0 to 744'],
    ['soak --hours 745', 'a number from 0 to 744'],
    ['soak --hours x', 'a number from 0 to 744'],
    ['soak --top 0', '--top'],
    ['soak --top 3 --symbol BTCUSDT', '--symbol'],
    [`soak --report ${home}/nowhere/soak.md`, 'nowhere/soak.md cannot be written (ENOENT'],
  ])('refuses %s', async (line, reason) => {
    const { exitCode, stdout, stderr } = await runCaptured(line, AWAY);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(reason);
  });

  it('says which server is away, and leaves the report that was there', async () => {
    const report = path.join(home, 'soak.md');
    writeFileSync(report, 'of the last soak');
    const { exitCode, stderr } = await runCaptured(`soak --report ${report}`, AWAY);
    expect(exitCode).toBe(1);
    expect(readFileSync(report, 'utf8')).toBe('of the last soak');
    expect(stderr).toMatch(/^m1: PostgreSQL at 127\.0\.0\.1:1\b.*\n$/);
  });
});

describe('a soak in which no candle may close', () => {
  const MINUTE_MS = 60_000;

  it('is refused, except of a simulated market, which may be faster than time', () => {
    const refusal = 'in a soak of 9 min 0 s no candle may close: --hours 0.2 or more';
    expect(() => refuseTooShort(9 * MINUTE_MS, 'bybit')).toThrow(new WrongUse(refusal));
    expect(() => refuseTooShort(10 * MINUTE_MS, 'bybit')).not.toThrow();
    expect(() => refuseTooShort(MINUTE_MS, 'simulated')).not.toThrow();
  });
});

describe('the line of a sample', () => {
  const sample = {
    atMs: 60_000,
    standing: standing({ status: { ...STATUS, source: 'simulated' } }),
    beating: true,
    redisUpSeconds: 5,
    candles: { newestMs: NOW_MS, missing: 2 },
  };

  it('has the figures', () => {
    expect(sampleLine(sample)).toBe(
      '1 min 0 s: SIMULATED live, 191 MB, lag p99 11 ms, 1 reconnect, 4 gaps, 3 dropped, newest candle 2026-02-15 09:25, 2 missing',
    );
  });

  it('says who is away', () => {
    const away = { beating: false, redisUpSeconds: undefined, candles: undefined };
    expect(sampleLine({ ...sample, ...away })).toMatch(
      /SIMULATED live, no heartbeat, .*, Redis is away, the database is away$/,
    );
    const nothing = { status: undefined, answered: false, activity: undefined };
    expect(sampleLine({ ...sample, ...away, standing: nothing })).toBe(
      '1 min 0 s: waiting for an answer, no heartbeat, Redis is away, the database is away',
    );
  });
});
