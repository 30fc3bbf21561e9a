import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { Shutdown } from '../../runtime/shutdown.js';

function setUp() {
  const source = new EventEmitter();
  const log: string[] = [];
  const exits: number[] = [];
  const clock = { nowMs: 0 };
  const shutdown = new Shutdown({
    log: (line) => log.push(line),
    process: source,
    exit: (code) => exits.push(code),
    nowMs: () => clock.nowMs,
  });
  return { source, log, exits, shutdown, clock };
}

describe('Shutdown', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('is asked for by %s', async (signal) => {
    const { source, shutdown } = setUp();
    const requested = shutdown.requested();
    expect(shutdown.signal.aborted).toBe(false);
    source.emit(signal);
    await requested;
    expect(shutdown.signal.aborted).toBe(true);
  });

  it('stops the last added first, each once', async () => {
    const { shutdown } = setUp();
    const order: string[] = [];
    shutdown.add('first', () => void order.push('first'));
    shutdown.add('second', async () => {
      await Promise.resolve();
      order.push('second');
    });
    await Promise.all([shutdown.run(), shutdown.run()]);
    await shutdown.run();
    expect(order).toEqual(['second', 'first']);
  });

  it('goes on when a step fails, and says so', async () => {
    const { shutdown, log } = setUp();
    let stopped = false;
    shutdown.add('first', () => void (stopped = true));
    shutdown.add('second', () => Promise.reject(new Error('stuck')));
    await shutdown.run();
    expect(stopped).toBe(true);
    expect(log).toEqual(['second did not stop cleanly: stuck']);
  });

  it('ends at once at a second signal', () => {
    const { source, exits, clock } = setUp();
    source.emit('SIGINT');
    // sent to the process and to its group: still the first
    source.emit('SIGINT');
    clock.nowMs = 1_000;
    expect(exits).toEqual([]);
    source.emit('SIGINT');
    expect(exits).toEqual([130]);
  });

  it('leaves no listener behind', async () => {
    const { source, shutdown } = setUp();
    await shutdown.run();
    expect(source.eventNames()).toEqual([]);
  });
});
