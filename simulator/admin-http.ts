import type { IncomingMessage, ServerResponse } from 'node:http';
import { isTimeframe } from '../domain/timeframe.js';
import type { Query } from './envelope.js';
import type { FaultRegistry } from './fault-registry.js';
import { parseFaultRule } from './fault-rule.js';
import { InputReader, parseMoment } from './input-reader.js';
import type { ListingChange, Market } from './market.js';
import type { MarketControl, ResettablePart } from './market-control.js';
import { RESETTABLE_PARTS } from './market-control.js';
import type { RequestStats } from './request-stats.js';
import { JSON_TYPE, send } from './responder.js';
import { StreamAdmin, type StreamHandles } from './stream-admin.js';
import type { Truth } from './truth.js';

/** What the admin endpoints steer. */
export interface AdminParts {
  readonly market: Market;
  readonly control: MarketControl;
  readonly faults: FaultRegistry;
  readonly stats: RequestStats;
  readonly truth: Truth;
  readonly stream: StreamHandles;
}

const MAX_BODY_BYTES = 1_000_000;

/**
 * Steers a running simulator from another process; requests here do not count for the rate limit.
 * A wrong request is answered 400 with `{"error": reason}`.
 *
 * | request | body or query | does |
 * |---|---|---|
 * | POST /admin/faults | a FaultRule | adds a fault, answers its id |
 * | GET /admin/faults | | lists the faults and how often they struck |
 * | DELETE /admin/faults | ?id=N | removes one fault, without an id all |
 * | GET /admin/stats | ?klines=1 adds the log of kline requests | what was asked so far |
 * | POST /admin/reset | {what?: [faults, stats, limit, symbols]} | starts them anew, on the stream too; default the first three |
 * | POST /admin/symbols | {symbol, listed?, delisted?, holes?: [{from,to}], amendments?: [{openTime, until}]} | when candles exist; an unknown symbol is added |
 * | POST /admin/clock | {now?, speed?, advanceMs?} | sets the market clock |
 * | POST /admin/quirks | part of Quirks | changes behaviour |
 * | GET /admin/truth | ?symbol&timeframe&from&to&now | what the candles really are |
 * | /admin/stream/... | | the stream: see StreamAdmin |
 */
export class AdminHttp {
  readonly #parts: AdminParts;
  readonly #stream: StreamAdmin;

  constructor(parts: AdminParts) {
    this.#parts = parts;
    this.#stream = new StreamAdmin(parts.stream);
  }

  async handle(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    query: Query,
  ): Promise<void> {
    let status = 200;
    let body: unknown;
    try {
      const input = request.method === 'POST' ? await readJson(request) : undefined;
      body = this.#answer(`${request.method ?? ''} ${path}`, input, query);
      if (body === undefined) [status, body] = [404, { error: `there is no ${path}` }];
    } catch (error) {
      [status, body] = [400, { error: error instanceof Error ? error.message : String(error) }];
    }
    send(response, { status, type: JSON_TYPE, body: JSON.stringify(body) });
  }

  #answer(route: string, input: unknown, query: Query): unknown {
    const { faults, stats, market } = this.#parts;
    switch (route) {
      case 'POST /admin/faults':
        return { id: faults.add(parseFaultRule(input)) };
      case 'GET /admin/faults':
        return { faults: faults.list() };
      case 'DELETE /admin/faults':
        return this.#removeFaults(query.get('id'));
      case 'GET /admin/stats':
        return query.get('klines') === null
          ? stats.snapshot()
          : { ...stats.snapshot(), klines: stats.klines() };
      case 'POST /admin/reset':
        return this.#reset(new InputReader(input, 'reset'));
      case 'POST /admin/symbols':
        return this.#changeSymbol(new InputReader(input, 'symbol'));
      case 'POST /admin/clock':
        return this.#changeClock(new InputReader(input, 'clock'));
      case 'POST /admin/quirks':
        this.#parts.control.setQuirks(new InputReader(input, 'quirks').rest());
        return market.quirks;
      case 'GET /admin/truth':
        return this.#readTruth(query);
      default:
        return this.#stream.answer(route, input, query);
    }
  }

  #removeFaults(id: string | null): unknown {
    if (id === null) this.#parts.faults.clear();
    else if (!this.#parts.faults.remove(Number(id))) throw new Error(`there is no fault ${id}`);
    return { faults: this.#parts.faults.list() };
  }

  #reset(reader: InputReader): unknown {
    const what = reader.take('what') ?? ['faults', 'stats', 'limit'];
    reader.finish();
    const isPart = (part: unknown): part is ResettablePart =>
      RESETTABLE_PARTS.some((each) => each === part);
    if (!Array.isArray(what) || !what.every(isPart)) {
      throw new Error(`reset.what: a list of ${RESETTABLE_PARTS.join(', ')} expected`);
    }
    this.#parts.control.reset(what);
    return { reset: what };
  }

  #changeSymbol(reader: InputReader): unknown {
    const symbol = reader.required('symbol', reader.texts('symbol').symbol);
    const listedMs = reader.moment('listed');
    const delistedMs = reader.moment('delisted');
    const holes = reader.objects('holes')?.map((hole) => ({
      fromMs: hole.required('from', hole.moment('from')),
      toMs: hole.required('to', hole.moment('to')),
    }));
    const amendments = reader.objects('amendments')?.map((each) => ({
      openTimeMs: each.required('openTime', each.moment('openTime')),
      untilMs: each.required('until', each.moment('until')),
    }));
    reader.finish();
    const change: ListingChange = {
      ...(listedMs === undefined ? {} : { listedMs }),
      ...(delistedMs === undefined ? {} : { delistedMs }),
      ...(holes === undefined ? {} : { holes }),
      ...(amendments === undefined ? {} : { amendments }),
    };
    this.#parts.control.changeSymbol(symbol, change);
    return { symbol, listing: this.#parts.market.find(symbol)?.listing };
  }

  #changeClock(reader: InputReader): unknown {
    const nowMs = reader.moment('now');
    const { speed, advanceMs } = reader.numbers('speed', 'advanceMs');
    reader.finish();
    const { clock } = this.#parts.market;
    const target = (nowMs ?? clock.nowMs()) + (advanceMs ?? 0);
    this.#parts.control.setClock({ nowMs: target, ...(speed === undefined ? {} : { speed }) });
    return { nowMs: clock.nowMs(), speed: clock.speed };
  }

  #readTruth(query: Query): unknown {
    const timeframe = query.get('timeframe') ?? '';
    const moment = (name: string): number => parseMoment(query.get(name) ?? '', name);
    return {
      candles: this.#parts.truth.candles(
        query.get('symbol') ?? '',
        isTimeframe(timeframe) ? timeframe : { interval: timeframe },
        moment('from'),
        moment('to'),
        query.get('now') === null ? undefined : moment('now'),
      ),
    };
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > MAX_BODY_BYTES) throw new Error('the body is too long');
    parts.push(part);
  }
  const text = Buffer.concat(parts).toString('utf8');
  return text === '' ? {} : (JSON.parse(text) as unknown);
}
