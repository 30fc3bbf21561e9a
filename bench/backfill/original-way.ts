import type pg from 'pg';
import type { BenchDatabase } from '../bench-database.js';

const PAGE = 200;
const LENGTH_MS = 300_000;
const SYMBOL = 'BTC/USDT';
const STORED_SYMBOL = 'BTCUSDT';
const TIMEFRAME = '5m';
const DAYS = 90;
const DAY_MS = 86_400_000;

type OhlcvRow = readonly [number, number, number, number, number, number];

/** What is used of ccxt's class. */
type CcxtBybit = new (config: {
  readonly urls: { readonly api: { readonly public: string; readonly private: string } };
  readonly options: { readonly fetchMarkets: { readonly types: readonly string[] } };
}) => {
  loadMarkets(): Promise<unknown>;
  fetchTime(): Promise<number>;
  fetchOHLCV(
    symbol: string,
    timeframe: string,
    since: number,
    limit: number,
  ): Promise<readonly OhlcvRow[]>;
};

/** The original collector's way over a part of one pair, as it was measured. */
export interface OriginalWay {
  readonly candles: number;
  readonly requests: number;
  readonly seconds: number;
}

const UPSERT = `insert into original.ohlcv
    (symbol, timeframe, "timestamp", open, high, low, close, volume)
  values ($1, $2, $3, $4, $5, $6, $7, $8)
  on conflict (symbol, timeframe, "timestamp") do update set
    open = excluded.open, high = excluded.high, low = excluded.low,
    close = excluded.close, volume = excluded.volume`;

/**
 * One page after the other, ccxt with the throttle that it comes with, 200 candles a page, one upsert
 * statement a row and one transaction a page. Ends after `forMs`, because the whole takes minutes.
 */
export async function runOriginalWay(
  simulatorUrl: string,
  { sql }: BenchDatabase,
  options: { readonly forMs: number; readonly signal: AbortSignal },
): Promise<OriginalWay> {
  const exchange = await openExchange(simulatorUrl);
  await sql.query('create schema if not exists original');
  await sql.query('drop table if exists original.ohlcv');
  await sql.query('create table original.ohlcv (like ohlcv including all)');
  let since = (await exchange.fetchTime()) - DAYS * DAY_MS;
  let candles = 0;
  let requests = 0;
  const client = await sql.connect();
  const startedAt = performance.now();
  const elapsedMs = (): number => performance.now() - startedAt;
  try {
    while (elapsedMs() < options.forMs) {
      options.signal.throwIfAborted();
      const rows = await exchange.fetchOHLCV(SYMBOL, TIMEFRAME, since, PAGE);
      await upsertEach(client, rows);
      requests++;
      candles += rows.length;
      since = (rows.at(-1)?.[0] ?? since) + LENGTH_MS;
    }
    return { candles, requests, seconds: elapsedMs() / 1000 };
  } finally {
    client.release();
  }
}

async function upsertEach(client: pg.PoolClient, rows: readonly OhlcvRow[]): Promise<void> {
  await client.query('begin');
  for (const [timeMs, ...values] of rows) {
    await client.query(UPSERT, [STORED_SYMBOL, TIMEFRAME, new Date(timeMs), ...values]);
  }
  await client.query('commit');
}

async function openExchange(url: string): Promise<InstanceType<CcxtBybit>> {
  // by a name that the compiler does not follow: ccxt's types are those of a hundred exchanges
  const name: string = 'ccxt';
  const { bybit: Bybit } = (await import(name)) as { bybit: CcxtBybit };
  const exchange = new Bybit({
    urls: { api: { public: url, private: url } },
    options: { fetchMarkets: { types: ['spot'] } },
  });
  await exchange.loadMarkets();
  return exchange;
}
