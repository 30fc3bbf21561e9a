import { reasonOf, RetrySoon, WaitUntil } from '../../domain/failure.js';
import type { RestProbe } from '../../exchange/probe/probe-rest.js';
import type { StreamProbe } from '../../exchange/probe/probe-stream.js';
import type { Config, VenueConfig } from '../../runtime/config.js';
import { readBudget, type BudgetState } from './check-budget.js';
import { fail, failingAs, ok, warn, type Check } from './check.js';

const REST = 'ByBit REST';
const STREAM = 'ByBit stream';
const CLOCK = 'ByBit clock';

/** For each answer of the venue, and for the first data of its stream, ms. */
const TIMEOUT_MS = 10_000;

/** Beyond this the delays of tickers and Schedules that follow a close are wrong, ms. */
const CLOCK_TOLERANCE_MS = 1_000;

/** A market so far away has a clock of its own, ms. */
const OTHER_DATE_MS = 86_400_000;

/** The venue counts at most so many requests in 5 s before it bans. */
const VENUE_LIMIT = 600;

/** Asks the configured venue itself. */
export async function checkVenue(config: Config): Promise<readonly Check[]> {
  const { venue } = config;
  const [budget, stream] = await Promise.all([
    readBudget(config, Date.now()),
    failingAs(STREAM, () => checkStream(venue)),
  ]);
  const rest = await failingAs(REST, () => checkRest(venue, budget));
  return [...rest, ...stream, ...budget.checks, ...checkKey(venue)];
}

async function checkRest(venue: VenueConfig, budget: BudgetState): Promise<readonly Check[]> {
  const { probeRest, PROBE_REQUESTS } = await import('../../exchange/probe/probe-rest.js');
  if (budget.bannedUntilMs !== undefined) {
    return [fail(REST, `${venue.restUrl} was not asked, because of the ban`)];
  }
  if ((budget.used ?? 0) + PROBE_REQUESTS > VENUE_LIMIT) {
    return [warn(REST, `${venue.restUrl} was not asked: running workers use the whole budget`)];
  }
  const { restUrl, banWaitMs } = venue;
  try {
    const probe = await probeRest({ restUrl, banWaitMs, timeoutMs: TIMEOUT_MS });
    return [
      ok(REST, `${restUrl} answers in ${Math.round(probe.roundTripMs)} ms`),
      judgeClock(probe),
      judgeLimit(probe),
    ];
  } catch (error) {
    return [fail(REST, `${reasonOf(error)}${adviceOn(error)}`)];
  }
}

/** Refusals of other kinds say themselves what to do. */
function adviceOn(error: unknown): string {
  if (error instanceof WaitUntil) return ': stop what else asks ByBit from here, and wait';
  if (error instanceof RetrySoon) return ': check the network, its proxy and BYBIT_REST_URL';
  return '';
}

async function checkStream({ wsUrl, streamRefusal }: VenueConfig): Promise<readonly Check[]> {
  // the configuration is warned of
  if (streamRefusal !== undefined) return [];
  const { probeStream } = await import('../../exchange/probe/probe-stream.js');
  return [judgeStream(await probeStream({ wsUrl, timeoutMs: TIMEOUT_MS }), wsUrl)];
}

export function judgeStream(probe: StreamProbe, wsUrl: string): Check {
  if (probe.kind === 'live') {
    return ok(STREAM, `${wsUrl} sends data after ${(probe.afterMs / 1000).toFixed(1)} s`);
  }
  const advice = probe.reason.startsWith('HTTP 403')
    ? 'ByBit or its CDN refuses this network or region: use another network'
    : 'check the network, BYBIT_WS_URL, and for a firewall or proxy that cuts WebSockets';
  return fail(STREAM, `${wsUrl}: ${probe.reason}: ${advice}`);
}

export function judgeClock({ aheadMs, roundTripMs }: Omit<RestProbe, 'limit'>): Check {
  const byMs = Math.abs(aheadMs);
  const exactToMs = roundTripMs / 2;
  if (byMs > OTHER_DATE_MS) {
    return warn(CLOCK, 'the venue is at another date: right for a simulator, never for ByBit');
  }
  const text =
    `this machine is ${(byMs / 1000).toFixed(2)} s ${aheadMs < 0 ? 'behind' : 'ahead of'} ByBit` +
    `, give or take ${(exactToMs / 1000).toFixed(2)} s`;
  if (byMs <= CLOCK_TOLERANCE_MS + exactToMs) return ok(CLOCK, text);
  return warn(
    CLOCK,
    `${text}: set the clock (timedatectl set-ntp true); candles go by ByBit's clock and stay right, ` +
      'the delays of tickers do not',
  );
}

function judgeLimit({ limit }: RestProbe): Check {
  const name = 'ByBit budget';
  if (limit === undefined) return ok(name, 'ByBit sends no headers of its limit');
  const text = `ByBit's own headers: ${limit.left} of ${limit.allowed} requests are left`;
  if (limit.left * 20 >= limit.allowed) return ok(name, text);
  return warn(name, `${text}: if other programs ask it from here, lower BYBIT_RATE_LIMIT`);
}

function checkKey({ apiKey, apiSecret }: VenueConfig): readonly Check[] {
  const name = 'API key';
  if (apiKey === undefined && apiSecret === undefined) return [];
  if (apiKey !== undefined && apiSecret !== undefined) {
    return [ok(name, 'configured, and not needed: no call of M1 is signed')];
  }
  const missing = apiKey === undefined ? 'BYBIT_API_KEY' : 'BYBIT_API_SECRET';
  return [warn(name, `${missing} is missing beside the other; M1 needs neither`)];
}
