import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { GiveUpRun, reasonOf } from '../domain/failure.js';
import type { HttpAnswer } from './http-transport.js';

type Params = Readonly<Record<string, string | number>>;

/** The raw endpoint methods of ccxt's `bybit` that M1 uses. Each is one GET. */
export interface CcxtSession {
  publicGetV5MarketTime(params: Params): Promise<HttpAnswer>;
  publicGetV5MarketInstrumentsInfo(params: Params): Promise<HttpAnswer>;
  publicGetV5MarketTickers(params: Params): Promise<HttpAnswer>;
  publicGetV5MarketKline(params: Params): Promise<HttpAnswer>;
}

/** What is used of ccxt's class; its own types would pull in those of a hundred exchanges. */
type CcxtBybit = new (config: {
  readonly enableRateLimit: boolean;
  readonly urls: { readonly api: { readonly public: string } };
}) => CcxtSession & { fetch(url: string): Promise<unknown> };

export interface CcxtSessionOptions {
  /** Without a slash at the end. */
  readonly restUrl: string;
  /** Sends one GET. */
  readonly get: (url: string) => Promise<HttpAnswer>;
}

/**
 * A ccxt session that leaves throttle, HTTP and judging to M1.
 *
 * Overriding `fetch` is how: whatever it returns is what the endpoint method returns. ccxt's own
 * `fetch` lets a non-JSON 200 pass, judges by code before status, keeps headers in a field that
 * concurrent requests share, and bounds only the time to the headers.
 *
 * @throws GiveUpRun when the installed ccxt cannot be loaded
 */
export async function openCcxtSession(options: CcxtSessionOptions): Promise<CcxtSession> {
  const Bybit = await loadBybit();
  class Session extends Bybit {
    override fetch(url: string): Promise<HttpAnswer> {
      return options.get(url);
    }
  }
  return new Session({ enableRateLimit: false, urls: { api: { public: options.restUrl } } });
}

/**
 * Loads the one class by its file: the package's entry loads every exchange, which takes 0.3 s and
 * 40 MB more. The file is not in the package's `exports`, so it is found beside what is.
 */
async function loadBybit(): Promise<CcxtBybit> {
  try {
    const entry = createRequire(import.meta.url).resolve('ccxt');
    const file = join(dirname(entry), '..', 'js', 'src', 'bybit.js');
    const module = (await import(pathToFileURL(file).href)) as { default: CcxtBybit };
    return module.default;
  } catch (error) {
    throw new GiveUpRun(`ccxt cannot be loaded (${reasonOf(error)}); run npm ci`);
  }
}
