import { describe, expect, it } from 'vitest';
import { nearestSymbols, topByTurnover, type Instrument } from '../../domain/instrument.js';

function instrument(symbol: string, quote: string): Instrument {
  const base = symbol.slice(0, -quote.length);
  return { symbol, base, quote, pricePrecision: 0.01, amountPrecision: 0.001 };
}

describe('top pairs', () => {
  it('are USDT pairs by turnover, judged by the quote and not by the end of the name', () => {
    const instruments = [
      instrument('BTCUSDT', 'USDT'),
      instrument('ETHBTC', 'BTC'),
      instrument('XUSDT', 'USDT'),
      { ...instrument('FAKEUSDT', 'USDT'), quote: 'EUR' },
    ];
    const turnovers = [
      { symbol: 'XUSDT', turnover24h: 5 },
      { symbol: 'ETHBTC', turnover24h: 100 },
      { symbol: 'BTCUSDT', turnover24h: 50 },
      { symbol: 'FAKEUSDT', turnover24h: 70 },
      { symbol: 'GONEUSDT', turnover24h: 80 },
    ];
    expect(topByTurnover(instruments, turnovers, 3)).toEqual(['BTCUSDT', 'XUSDT']);
    expect(topByTurnover(instruments, turnovers, 1)).toEqual(['BTCUSDT']);
  });
});

describe('nearest names', () => {
  it('find the typo', () => {
    expect(nearestSymbols('BTCUSD', ['ETHUSDT', 'BTCUSDT', 'BTCEUR'])[0]).toBe('BTCUSDT');
    expect(nearestSymbols('ETHUDST', ['ETHUSDT', 'BTCUSDT'], 1)).toEqual(['ETHUSDT']);
  });
});
