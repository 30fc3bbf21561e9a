import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PLAIN } from '../../cli/render/palette.js';
import type { Palette } from '../../cli/render/progress-lines.js';
import { plainStreamLine, streamLines } from '../../cli/render/stream-lines.js';
import { plainStreamView } from '../../cli/render/stream-view.js';
import {
  activity,
  FIGURES,
  picture,
  standing,
  STATUS,
  ticker,
  UNREACHABLE,
} from './stream-samples.js';

const WIDE = { width: 120, height: 30 };

const MARKED: Palette = {
  bold: (text) => text,
  dim: (text) => text,
  green: (text) => `<green>${text}</green>`,
  red: (text) => `<red>${text}</red>`,
  yellow: (text) => `<yellow>${text}</yellow>`,
};

/** The table's line of a symbol. */
function row(lines: readonly string[], symbol: string): string {
  return lines.find((line) => line.startsWith(symbol)) ?? '';
}

describe('the live view of a stream', () => {
  it('has a headline, figures, a row for each symbol and what Ctrl-C does', () => {
    expect(streamLines(picture(), WIDE, PLAIN)).toEqual([
      'live  2 symbols, 2 connections, 812 messages/s, lag 3 ms (p99 11 ms)',
      '1 reconnect, 4 gaps, 120 candles stored, 3 tickers dropped',
      'SYMBOL           PRICE        24H    HIGH 24H     LOW 24H    VOLUME    TURNOVER      AGE',
      'BTCUSDT       97123.45    +0.68 %       98000     95000.5     12.3k        1.2B    0.4 s',
      'ETHUSDT         3400.1    -1.23 %       98000     95000.5     12.3k        1.2B    0.4 s',
      'Ctrl-C stops the stream',
    ]);
  });

  it.each([
    [80, 'SYMBOL           PRICE        24H    HIGH 24H     LOW 24H    TURNOVER      AGE'],
    [70, 'SYMBOL           PRICE        24H    HIGH 24H     LOW 24H      AGE'],
    [60, 'SYMBOL           PRICE        24H      AGE'],
    [40, 'SYMBOL           PRICE        24H'],
    [30, 'SYMBOL           PRICE'],
  ])('leaves out columns at a width of %i', (width, head) => {
    expect(streamLines(picture(), { width, height: 30 }, PLAIN)).toContain(head);
  });

  it('colours gains, losses and what is old', () => {
    const tickers = new Map([
      ['BTCUSDT', ticker({}, 45_000)],
      ['ETHUSDT', ticker({ symbol: 'ETHUSDT', price_24h_pct: '-0.0123' })],
    ]);
    const lines = streamLines(picture({ tickers }), WIDE, MARKED);
    expect(row(lines, 'BTCUSDT')).toMatch(
      /<green> *\+0\.68 %<\/green>.*<yellow>stale 45 s<\/yellow>/,
    );
    expect(row(lines, 'ETHUSDT')).toMatch(/<red> *-1\.23 %<\/red>/);
    expect(row(lines, 'ETHUSDT')).not.toContain('yellow');
  });

  it('marks a ticker from 30 s on, and shows a pair without one', () => {
    const tickers = new Map([['BTCUSDT', ticker({}, 30_000)]]);
    const lines = streamLines(picture({ tickers }), WIDE, PLAIN);
    expect(row(lines, 'BTCUSDT')).toMatch(/ 30 s$/);
    expect(row(lines, 'BTCUSDT')).not.toContain('stale');
    expect(row(lines, 'ETHUSDT').split(/ +/)).toEqual(['ETHUSDT', ...Array<string>(7).fill('-')]);
  });

  it('shows no negative age where the clock of the worker is ahead', () => {
    const tickers = new Map([['BTCUSDT', ticker({}, -5_000)]]);
    expect(row(streamLines(picture({ tickers }), WIDE, PLAIN), 'BTCUSDT')).toMatch(/ 0 s$/);
  });

  it('counts what the height has no room for', () => {
    const symbols = Array.from({ length: 50 }, (_, i) => `COIN${i}USDT`);
    const shown = picture({ standing: standing({ status: { ...STATUS, symbols } }) });
    const lines = streamLines(shown, { width: 80, height: 12 }, PLAIN);
    expect(lines).toHaveLength(11);
    expect(lines.filter((line) => line.startsWith('COIN'))).toHaveLength(6);
    expect(lines.at(-2)).toBe('and 44 more');
  });

  it('says SIMULATED', () => {
    const status = { ...STATUS, source: 'simulated' };
    const simulated = picture({ standing: standing({ status }) });
    expect(streamLines(simulated, WIDE, PLAIN)[0]).toMatch(/^SIMULATED live /);
    expect(plainStreamLine(simulated)).toMatch(/^SIMULATED live: /);
  });

  it('tells a lost connection, refused topics and notices', () => {
    const figures = {
      ...FIGURES,
      state: 'reconnecting' as const,
      liveConnections: 1,
      dataAgeMs: 34_000,
      lastError: 'no data for 30 s',
      refusedTopics: ['tickers.FOOUSDT'],
    };
    const lines = streamLines(
      picture({ standing: standing({ activity: activity({ figures }) }), notices: ['no prices'] }),
      WIDE,
      PLAIN,
    );
    expect(lines[0]).toMatch(
      /^reconnecting  2 symbols, 1 of 2 connections live, .*no data for 34 s$/,
    );
    expect(lines.slice(2, 5)).toEqual([
      'connection lost: no data for 30 s',
      'refused by the venue: tickers.FOOUSDT',
      'no prices',
    ]);
  });

  it('shows no figures of a worker that does not answer', () => {
    const lines = streamLines(
      picture({ standing: standing({ answered: false }), notices: ['no worker is running'] }),
      WIDE,
      PLAIN,
    );
    expect(lines[0]).toBe('not answering  2 symbols');
    expect(lines).toContain('no worker is running');
  });

  it('keeps an error that is over to itself', () => {
    const figures = { ...FIGURES, lastError: 'connection reset' };
    const shown = picture({ standing: standing({ activity: activity({ figures }) }) });
    expect(streamLines(shown, WIDE, PLAIN).join('\n')).not.toContain('connection reset');
  });

  it('never leaves the space it is given', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 25, max: 250 }),
        fc.integer({ min: 3, max: 60 }),
        fc.integer({ min: 0, max: 80 }),
        fc.integer({ min: 0, max: 1e9 }),
        (width, height, count, messages) => {
          const symbols = Array.from({ length: count }, (_, i) => `A${i}LONGUSDT`);
          const shown = picture({
            standing: standing({
              status: { ...STATUS, symbols },
              activity: activity({
                figures: { ...UNREACHABLE, lastError: 'e'.repeat(300), reconnects: messages },
              }),
            }),
            messagesPerSecond: messages,
            notices: ['n'.repeat(300)],
            tickers: new Map(symbols.map((symbol) => [symbol, ticker({ symbol })])),
          });
          const lines = streamLines(shown, { width, height }, PLAIN);
          expect(lines.length).toBeLessThan(height);
          for (const line of lines) expect(line.length).toBeLessThan(width);
          const rows = lines.filter((line) => /^A\d/.test(line)).length;
          const more = lines.map((line) => /^and (\d+) more$/.exec(line)?.[1]).find(Boolean);
          // with room for the table every symbol is a row or counted
          if (height > 10) expect(rows + Number(more ?? 0)).toBe(count);
        },
      ),
    );
  });
});

describe('plain lines of a stream', () => {
  it('hold the figures', () => {
    expect(plainStreamLine(picture())).toBe(
      'live: 2 symbols, 2 connections, 812 messages/s, lag 3 ms (p99 11 ms), ' +
        '1 reconnect, 4 gaps, 120 candles stored, 3 tickers dropped',
    );
  });

  it('come at changes and every ten seconds, without escape codes', () => {
    const lines: string[] = [];
    let nowMs = 0;
    const view = plainStreamView({ write: (text) => lines.push(text) }, 10_000, () => nowMs);
    const connecting = picture({
      standing: standing({ status: { ...STATUS, phase: 'connecting' }, activity: undefined }),
    });
    const show = (atMs: number, shown = picture()): void => {
      nowMs = atMs;
      view.show(shown);
    };
    show(0, connecting);
    show(1_000);
    show(2_000);
    show(5_000, picture({ notices: ['no worker'] }));
    show(6_000, picture({ notices: ['no worker'] }));
    show(10_999);
    show(11_000);
    view.end();
    expect(lines.map((line) => line.split(/[:\n]/, 1)[0])).toEqual([
      'connecting',
      'live',
      'no worker',
      'live',
    ]);
    expect(lines.join('')).not.toContain('\u001b');
  });
});
