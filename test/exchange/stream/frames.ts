/** A five-minute boundary. */
export const START_MS = 1_786_538_700_000;

let lastMs = START_MS;

/** As captured from the venue; the time rises from frame to frame. */
export function tickerFrame(symbol: string, changes: object = {}, ts = ++lastMs) {
  return {
    topic: `tickers.${symbol}`,
    ts,
    type: 'snapshot',
    cs: 112571857121,
    data: {
      symbol,
      lastPrice: '64057.7',
      highPrice24h: '64500',
      lowPrice24h: '63232.1',
      prevPrice24h: '64326.9',
      volume24h: '7217.990977',
      turnover24h: '460629823.77866687',
      price24hPcnt: '-0.0042',
      usdIndexPrice: '63989.741059',
      ...changes,
    },
  };
}

export function klineElement(changes: object = {}) {
  return {
    start: START_MS,
    end: START_MS + 299_999,
    interval: '5',
    open: '64104.5',
    close: '64096.4',
    high: '64105',
    low: '64090.1',
    volume: '1.01673',
    turnover: '65173.1079222',
    confirm: true,
    timestamp: START_MS + 299_563,
    ...changes,
  };
}

export function klineFrame(topic: string, data: unknown, ts = START_MS + 300_004) {
  return { type: 'snapshot', topic, data, ts };
}
