import type { IncomingMessage, ServerResponse } from 'node:http';
import { spoilContent } from './content-faults.js';
import { wrap, failure, type ApiAnswer, type Query } from './envelope.js';
import {
  BODY_FAULTS,
  CONNECTION_FAULTS,
  ENDPOINT_NAMES,
  type BodyFault,
  type ConnectionFault,
  type EndpointName,
} from './fault-rule.js';
import type { FaultHit, FaultRegistry } from './fault-registry.js';
import { SeededSequence } from './hash.js';
import { answerInstruments } from './instruments-endpoint.js';
import type { KlineEndpoint } from './kline-endpoint.js';
import type { Market } from './market.js';
import type { WallClock } from './market-clock.js';
import type { Admission, RateLimit } from './rate-limit.js';
import type { RequestStats } from './request-stats.js';
import {
  breakConnection,
  htmlAnswer,
  jsonAnswer,
  send,
  spoilBody,
  type HttpAnswer,
} from './responder.js';
import type { TickerBoard } from './ticker-board.js';
import { answerTickers } from './tickers-endpoint.js';
import { answerTime } from './time-endpoint.js';
import { BAN_TEXT, gatewayPage, messageOf, REGION_PAGE } from './venue-texts.js';

/** What the venue's HTTP side is made of. */
export interface VenueParts {
  readonly market: Market;
  readonly kline: KlineEndpoint;
  readonly tickers: TickerBoard;
  readonly limit: RateLimit;
  readonly faults: FaultRegistry;
  readonly stats: RequestStats;
  readonly wallClock: WallClock;
  readonly latencyMs: number;
  readonly jitterMs: number;
}

type Effect = FaultHit['effect'];

const BASE_PATH = '/v5/market/';
const UNKNOWN_ROUTE = '(unknown route)';

/** Serves the venue's public REST API; admin requests do not come here. */
export class VenueHttp {
  readonly #parts: VenueParts;
  readonly #jitter = new SeededSequence();

  constructor(parts: VenueParts) {
    this.#parts = parts;
  }

  handle(request: IncomingMessage, response: ServerResponse, path: string, query: Query): void {
    const { stats, limit, wallClock, faults, market } = this.#parts;
    const endpoint = endpointOf(path);
    const arrivalMs = wallClock();
    stats.record(endpoint === undefined ? UNKNOWN_ROUTE : path, arrivalMs);
    if (endpoint === 'kline') stats.recordKline(query, arrivalMs);
    const admission = limit.admit(request.socket.remoteAddress ?? '', arrivalMs);
    if (!admission.allowed) {
      stats.recordRefusal();
      this.#later(0, () => send(response, this.#ban()));
      return;
    }
    if (endpoint === undefined || request.method !== 'GET') {
      const status = endpoint === undefined ? 404 : 400;
      const code = endpoint === undefined ? 10017 : 10001;
      const answer = failure(code, messageOf(code), market.quirks);
      this.#later(0, () => send(response, { ...this.#json(answer, {}), status }));
      return;
    }
    if (
      request.headers['content-length'] !== undefined &&
      request.headers['content-length'] !== '0'
    ) {
      // the venue refuses a GET that carries a body
      this.#later(0, () => send(response, statusAnswer(403)));
      return;
    }
    const hit = faults.meet(endpoint, query);
    if (hit !== undefined) stats.recordFault();
    const effect = hit?.effect;
    const answer = this.#answer(endpoint, query, effect, this.#headers(admission, effect));
    this.#later(hit?.delayMs ?? 0, () => {
      if (effect !== undefined && isConnectionFault(effect.kind)) {
        breakConnection(response, answer, effect.kind);
      } else {
        send(response, answer);
      }
    });
  }

  /** Answers after the latency, without holding up other requests. */
  #later(extraMs: number, action: () => void): void {
    const { latencyMs, jitterMs } = this.#parts;
    const delayMs = latencyMs + extraMs + (jitterMs === 0 ? 0 : jitterMs * this.#jitter.next());
    if (delayMs === 0) action();
    else setTimeout(action, delayMs);
  }

  #answer(
    endpoint: EndpointName,
    query: Query,
    effect: Effect,
    headers: Record<string, string>,
  ): HttpAnswer {
    if (effect?.kind === 'status') return statusAnswer(effect.status, effect.body);
    if (effect?.kind === 'retCode') {
      const { retCode, retMsg = messageOf(retCode) } = effect;
      return this.#json(failure(retCode, retMsg, this.#parts.market.quirks), headers);
    }
    const answer = this.#api(endpoint, query, effect?.kind === 'staleRows');
    if (effect === undefined || isConnectionFault(effect.kind)) return this.#json(answer, headers);
    if (isBodyFault(effect.kind)) return spoilBody(this.#json(answer, headers), effect.kind);
    const rows = 'rows' in effect ? (effect.rows ?? 1) : 1;
    return this.#json(spoilContent(answer, effect.kind, rows, query), headers);
  }

  #api(endpoint: EndpointName, query: Query, staleRows: boolean): ApiAnswer {
    const { market, kline, tickers } = this.#parts;
    switch (endpoint) {
      case 'time':
        return answerTime(market, market.clock.nowMs());
      case 'instruments-info':
        return answerInstruments(market, query);
      case 'tickers':
        return answerTickers(market, tickers, query);
      case 'kline':
        return kline.answer(query, staleRows);
    }
  }

  #json(answer: ApiAnswer, headers: Record<string, string>): HttpAnswer {
    const { clock, quirks } = this.#parts.market;
    return jsonAnswer(wrap(answer, clock.nowMs(), quirks), headers);
  }

  /** The limit's headers; a rate-limit fault always has them, as its reset time is in them. */
  #headers(admission: Admission, effect: Effect): Record<string, string> {
    const { market, limit } = this.#parts;
    const nowMs = market.clock.nowMs();
    const limited =
      effect?.kind === 'retCode' && (effect.retCode === 10006 || effect.retCode === 10018);
    if (!limited && !market.quirks.rateHeaders) return {};
    const resetMs = limited ? nowMs + (effect.resetAfterMs ?? 1000) : nowMs;
    return {
      'X-Bapi-Limit': String(limit.limit),
      'X-Bapi-Limit-Status': String(limited ? 0 : admission.remaining),
      'X-Bapi-Limit-Reset-Timestamp': String(resetMs),
    };
  }

  #ban(): HttpAnswer {
    if (this.#parts.market.quirks.banBody === 'text') return statusAnswer(403, 'ban');
    const answer = failure(403, 'access too frequent', this.#parts.market.quirks);
    return { ...this.#json(answer, {}), status: 403 };
  }
}

function endpointOf(path: string): EndpointName | undefined {
  if (!path.startsWith(BASE_PATH)) return undefined;
  const name = path.slice(BASE_PATH.length);
  return ENDPOINT_NAMES.find((each) => each === name);
}

function statusAnswer(status: number, body: 'ban' | 'region' | 'html' = 'html'): HttpAnswer {
  if (body === 'ban') return { status, type: 'text/plain', body: BAN_TEXT };
  return htmlAnswer(status, body === 'region' ? REGION_PAGE : gatewayPage(status));
}

function isConnectionFault(kind: string): kind is ConnectionFault {
  return (CONNECTION_FAULTS as readonly string[]).includes(kind);
}

function isBodyFault(kind: string): kind is BodyFault {
  return (BODY_FAULTS as readonly string[]).includes(kind);
}
