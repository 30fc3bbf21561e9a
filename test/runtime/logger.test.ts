import { describe, expect, it } from 'vitest';
import { createLogger } from '../../runtime/logger.js';
import { prettyLine } from '../../runtime/pretty-line.js';

function capture(isTTY = false) {
  const lines: string[] = [];
  return { lines, stream: { isTTY, write: (text: string) => lines.push(text) } };
}

describe('createLogger', () => {
  it('writes JSON with a level by name and an ISO time', () => {
    const { lines, stream } = capture();
    createLogger({ level: 'info', format: undefined }, { part: 'worker', stream }).info(
      { rows: 3 },
      'stored',
    );
    const line = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
    expect(line).toMatchObject({ level: 'info', part: 'worker', rows: 3, msg: 'stored' });
    expect(line['time']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('writes lines for people on a terminal', () => {
    const { lines, stream } = capture(true);
    createLogger({ level: 'info', format: undefined }, { stream }).warn({ rows: 3 }, 'slow');
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} warn {2}slow {2}rows=3\n$/);
  });

  it('leaves out what lies below the level', () => {
    const { lines, stream } = capture();
    createLogger({ level: 'error', format: 'json' }, { stream }).warn('quiet');
    expect(lines).toEqual([]);
  });

  it('hides secrets, also inside objects', () => {
    const { lines, stream } = capture();
    const logger = createLogger({ level: 'info', format: 'json' }, { stream });
    logger.info({
      password: 'p1',
      venue: { apiSecret: 'p2' },
      config: { redis: { password: 'p3' } },
    });
    expect(lines.join('')).not.toMatch(/p[123]/);
  });
});

describe('prettyLine', () => {
  it('shows a stack only at debug', () => {
    const line = (level: string): string =>
      prettyLine(
        JSON.stringify({
          level,
          time: '2026-02-01T09:30:00.123Z',
          msg: 'x',
          err: { message: 'm', stack: 's' },
        }),
      );
    expect(line('error')).toBe('09:30:00.123 error x  cause=m\n');
    expect(line('debug')).toBe('09:30:00.123 debug x\ns\n');
  });

  it('passes on what is no JSON', () => {
    expect(prettyLine('plain\n')).toBe('plain\n');
  });
});
