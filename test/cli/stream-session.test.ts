import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { StreamPairs } from '../../domain/stream.js';
import { until } from '../stack/until.js';
import { runCaptured } from './captured.js';
import { FIGURES, UNREACHABLE } from './stream-samples.js';
import { startStubCollector, untilPrinted, type StubCollector } from './stub/stub-collector.js';

const TOP_2: StreamPairs = { kind: 'top', count: 2 };
const ID = 'stream/bybit/spot/0';

function named(...symbols: string[]): StreamPairs {
  return { kind: 'symbols', symbols };
}

let collector: StubCollector;

beforeAll(async () => {
  collector = await startStubCollector(FIGURES);
});
afterAll(() => collector.close());

describe('m1 stream, with a worker', () => {
  beforeAll(() => collector.startWorker());
  afterAll(() => collector.stopWorker());
  beforeEach(() => {
    collector.figures = FIGURES;
    collector.failWith = undefined;
  });
  // whatever a test leaves behind
  afterEach(async () => {
    expect((await runCaptured('stream stop', { ...collector.env })).exitCode).toBe(0);
  });

  it('shows the stream that it started, and stops it when interrupted', async () => {
    const session = collector.session({ pairs: TOP_2 });
    await untilPrinted(session.stdout, /SIMULATED live: 2 symbols, 2 connections/);
    session.interrupt();
    expect(await session.exitCode).toBe(0);
    expect(session.stdout()).toMatch(
      new RegExp(
        `^stream of the top 2 pairs: started, ${ID}\n[^]*\nSIMULATED stopped: 2 symbols, [\\d.]+ s\n$`,
      ),
    );
    expect(session.stderr()).toBe('');
    expect((await runCaptured('stream stop', { ...collector.env })).stdout).toBe(
      'no stream is running\n',
    );
  });

  it('leaves a stream that it joined, whatever it follows', async () => {
    const owner = collector.session({ pairs: TOP_2 });
    await untilPrinted(owner.stdout, /live: /);
    const guest = collector.session();
    await untilPrinted(guest.stdout, /live: /);
    guest.interrupt();
    expect(await guest.exitCode).toBe(0);
    expect(guest.stdout()).toMatch(
      /^joined the stream that runs, [^]*left running: m1 stream stop/,
    );
    expect((await runCaptured('stream stop', { ...collector.env })).stdout).toMatch(
      /^SIMULATED stopped: 2/,
    );
    // ended by somebody else, which is no failure
    expect(await owner.exitCode).toBe(0);
    expect(owner.stdout()).toMatch(/stopped: 2 symbols/);
  });

  it('is left alone by collect stop when no set is collected', async () => {
    expect(await collector.session({ pairs: TOP_2, detach: true }).exitCode).toBe(0);
    expect(await runCaptured('collect stop', { ...collector.env })).toEqual({
      exitCode: 0,
      stdout: 'nothing is collected: m1 stream stop ends a stream that runs\n',
      stderr: '',
    });
    expect((await runCaptured('stream stop', { ...collector.env })).stdout).toMatch(
      /stopped: 2 symbols/,
    );
  });

  it('changes the set of the stream that runs, and says what changed', async () => {
    expect(await collector.session({ pairs: TOP_2, detach: true }).exitCode).toBe(0);
    const join = async (pairs: StreamPairs): Promise<[number, string]> => {
      const session = collector.session({ pairs, detach: true });
      return [await session.exitCode, session.stderr()];
    };
    const [same, other, wrong] = [
      await join(TOP_2),
      await join(named('BTCUSDT', 'SOLUSDT')),
      await join(named('SOLUSDT', 'BTCUSDT')),
    ];
    expect(same).toEqual([0, expect.stringContaining('it follows the top 2 pairs already')]);
    expect(other).toEqual([
      0,
      expect.stringContaining('added SOLUSDT; removed ETHUSDT: 2 symbols now'),
    ]);
    expect(wrong).toEqual([0, expect.stringContaining('already')]);
  });

  it('refuses unknown symbols with the nearest names, at the start and later', async () => {
    const env = { ...collector.env };
    const first = await runCaptured('stream --symbol BTCUSD', env);
    expect(first.exitCode).toBe(2);
    expect(first.stderr).toBe('m1: unknown symbols: BTCUSD (nearest: BTCUSDT)\n');
    expect(await collector.session({ pairs: TOP_2, detach: true }).exitCode).toBe(0);
    const later = await runCaptured('stream --symbol BTCUSD', env);
    expect(later.exitCode).toBe(2);
    expect(later.stderr).toBe('m1: unknown symbols: BTCUSD (nearest: BTCUSDT)\n');
    expect((await runCaptured('runs show stream --json', env)).stdout).toContain('"ETHUSDT"');
  });

  it('detached, returns with the id when data flows', async () => {
    const session = collector.session({ pairs: TOP_2, detach: true });
    expect(await session.exitCode).toBe(0);
    expect(session.stdout()).toBe(`${ID}\n`);
    expect(session.stderr()).toMatch(/the stream is live\n$/);
  });

  it.each([true, false])(
    'cannot connect: exit 1 and the stream ends, detached %s',
    async (detach) => {
      collector.figures = UNREACHABLE;
      const session = collector.session({ pairs: TOP_2, detach });
      expect(await session.exitCode).toBe(1);
      expect(session.stderr()).toMatch(
        /^m1: the stream cannot connect: .*ECONNREFUSED.*BYBIT_WS_URL/m,
      );
      expect((await runCaptured('stream stop', { ...collector.env })).stdout).toMatch(/no stream/);
    },
  );

  it('only tells that a stream which it joined is reconnecting', async () => {
    expect(await collector.session({ pairs: TOP_2, detach: true }).exitCode).toBe(0);
    collector.figures = UNREACHABLE;
    const session = collector.session();
    await untilPrinted(session.stdout, /reconnecting: .*connection lost: connect ECONNREFUSED/);
    session.interrupt();
    expect(await session.exitCode).toBe(0);
  });

  it('goes on through a lost connection once it was live', async () => {
    const session = collector.session({ pairs: TOP_2 });
    await untilPrinted(session.stdout, /live: /);
    collector.figures = UNREACHABLE;
    await untilPrinted(session.stdout, /reconnecting: /);
    collector.figures = FIGURES;
    await untilPrinted(session.stdout, /reconnecting: [^]*live: /);
    session.interrupt();
    expect(await session.exitCode).toBe(0);
  });

  it('says why a stream failed, and exits with 1', async () => {
    const session = collector.session({ pairs: TOP_2 });
    await untilPrinted(session.stdout, /live: /);
    collector.failWith = 'PostgreSQL does not answer';
    expect(await session.exitCode).toBe(1);
    expect(session.stderr()).toBe('m1: PostgreSQL does not answer\n');
  });

  it('prints nothing but updates with --json', async () => {
    const session = collector.session({ pairs: TOP_2, json: true });
    await untilPrinted(session.stderr, /live: /);
    // nobody publishes for the stub; channels are common to all tests beside this one
    const update = '{"symbol":"BTCUSDT","last_price":"1"}';
    await untilPrinted(() => {
      void collector.redis.publish('ticker:BTCUSDT', update);
      return session.stdout();
    }, /"last_price":"1"}/);
    session.interrupt();
    expect(await session.exitCode).toBe(0);
    const lines = session.stdout().trim().split('\n');
    expect(lines).toContain(update);
    for (const line of lines) {
      expect(['BTCUSDT', 'ETHUSDT']).toContain((JSON.parse(line) as { symbol: string }).symbol);
    }
    expect(session.stderr()).toMatch(/started[^]*stopped: 2 symbols/);
  });

  it('is listed, shown and cancelled as a run, and cannot be paused', async () => {
    const env = { ...collector.env };
    expect(await collector.session({ pairs: TOP_2, detach: true }).exitCode).toBe(0);
    const list = await untilListed(env);
    expect(list).toMatch(new RegExp(`^stream +running .* ${ID}$`, 'm'));
    const shown = await runCaptured('runs show stream', env);
    expect(shown.stdout).toMatch(/SIMULATED live: 2 symbols[^]*follows BTCUSDT, ETHUSDT/);
    const document = await runCaptured('runs show stream --json', env);
    expect(JSON.parse(document.stdout)).toMatchObject({
      ...{ kind: 'stream', workflow_id: ID, status: 'running', state: 'live' },
      ...{ symbols: ['BTCUSDT', 'ETHUSDT'], figures: { connections: 2 } },
    });
    for (const line of ['runs pause stream', 'runs resume stream']) {
      const { exitCode, stderr } = await runCaptured(line, env);
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(/^m1: a stream cannot be paused[^\n]*\n$/);
    }
    expect((await runCaptured('runs watch stream --json', env)).exitCode).toBe(2);
    const cancelled = await runCaptured('runs cancel stream', env);
    expect(cancelled).toMatchObject({ exitCode: 0, stdout: `cancelled ${ID}\n` });
    expect((await runCaptured('runs show stream', env)).stdout).toMatch(/stopped: 2 symbols/);
  });

  /** The list learns of a run a moment after it began. */
  async function untilListed(env: Record<string, string>): Promise<string> {
    return until('a run in the list', async () => {
      const { stdout } = await runCaptured('runs list', env);
      return /running/.test(stdout) ? stdout : undefined;
    });
  }
});

describe('m1 stream, without a worker', () => {
  const NO_WORKER = /no worker is running: start m1 worker or m1 up/;

  it('says so; detached, exits with 1', async () => {
    const startedAtMs = performance.now();
    const session = collector.session({ pairs: TOP_2, detach: true });
    expect(await session.exitCode).toBe(1);
    expect(performance.now() - startedAtMs).toBeLessThan(20_000);
    expect(session.stderr()).toMatch(NO_WORKER);
  });

  it('waits for one otherwise', async () => {
    const session = collector.session();
    await untilPrinted(session.stdout, NO_WORKER);
    await collector.startWorker();
    await untilPrinted(session.stdout, /live: /);
    session.interrupt();
    expect(await session.exitCode).toBe(0);
    expect((await runCaptured('stream stop', { ...collector.env })).exitCode).toBe(0);
  });

  it('cannot be stopped, which is told after ten seconds', async () => {
    await collector.stopWorker();
    const session = collector.session({ pairs: TOP_2 });
    await untilPrinted(session.stdout, /started/);
    const startedAtMs = performance.now();
    session.interrupt();
    // both wait in vain, at the same time
    const [stopped, exitCode] = await Promise.all([
      runCaptured('stream stop', { ...collector.env }),
      session.exitCode,
    ]);
    expect(performance.now() - startedAtMs).toBeGreaterThan(9_000);
    expect(stopped.exitCode).toBe(1);
    expect(stopped.stderr).toMatch(/^m1: the stream was asked to stop, .*: no worker is running/);
    expect(exitCode).toBe(0);
    expect(session.stderr()).toMatch(NO_WORKER);
  });
});
