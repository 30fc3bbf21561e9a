import { InputReader } from './input-reader.js';
import type { ConnectionChoice, StreamControl } from './stream-control.js';
import { parseStreamFaultRule } from './stream-fault-rule.js';
import { REFUSAL_FORMS, type StreamFaults } from './stream-faults.js';
import type { StreamStats } from './stream-stats.js';
import type { Query } from './envelope.js';

/** The handles on the stream of a simulator. */
export interface StreamHandles {
  readonly faults: StreamFaults;
  readonly stats: StreamStats;
  readonly control: StreamControl;
}

/**
 * The part of the admin endpoints that steers the stream.
 *
 * | request | body or query | does |
 * |---|---|---|
 * | POST /admin/stream/faults | a StreamFaultRule | adds a fault, answers its id |
 * | GET /admin/stream/faults | | lists the faults and how often they struck |
 * | DELETE /admin/stream/faults | ?id=N | removes one fault |
 * | POST /admin/stream/drop | {connection?, code?} | drops one connection (conn_id or place), or all |
 * | POST /admin/stream/silence | {connection?} | makes one connection half-open, or all |
 * | POST /admin/stream/silence-new | {forMs?} | connections of the next time are half-open |
 * | POST /admin/stream/refuse | {forMs?, form?: status503 or destroy} | refuses new connections |
 * | POST /admin/stream/accept | | ends both of these |
 * | GET /admin/stream/stats | ?requests=1 adds the log of requests | connections, requests, frames |
 *
 * What has no end of its own ends with POST /admin/reset.
 */
export class StreamAdmin {
  readonly #stream: StreamHandles;

  constructor(stream: StreamHandles) {
    this.#stream = stream;
  }

  /** The answer's body; undefined when there is no such endpoint. Thrown when the input is wrong. */
  answer(route: string, input: unknown, query: Query): unknown {
    const { faults, stats, control } = this.#stream;
    switch (route) {
      case 'POST /admin/stream/faults':
        return { id: faults.add(parseStreamFaultRule(input)) };
      case 'GET /admin/stream/faults':
        return { faults: faults.list() };
      case 'DELETE /admin/stream/faults':
        if (!faults.remove(Number(query.get('id')))) {
          throw new Error(`there is no fault ${query.get('id') ?? ''}`);
        }
        return { faults: faults.list() };
      case 'POST /admin/stream/drop':
        return this.#drop(new InputReader(input, 'drop'));
      case 'POST /admin/stream/silence': {
        const reader = new InputReader(input, 'silence');
        const choice = readConnection(reader);
        reader.finish();
        return { silenced: control.silence(choice) };
      }
      case 'POST /admin/stream/silence-new':
        faults.silenceConnections(readDuration(new InputReader(input, 'silence-new')));
        return {};
      case 'POST /admin/stream/refuse':
        return this.#refuse(new InputReader(input, 'refuse'));
      case 'POST /admin/stream/accept':
        faults.acceptConnections();
        return {};
      case 'GET /admin/stream/stats':
        return query.get('requests') === null
          ? stats.snapshot()
          : { ...stats.snapshot(), log: stats.requests() };
      default:
        return undefined;
    }
  }

  #drop(reader: InputReader): unknown {
    const choice = readConnection(reader);
    const { code } = reader.numbers('code');
    reader.finish();
    return {
      dropped: this.#stream.control.drop({ ...choice, ...(code !== undefined && { code }) }),
    };
  }

  #refuse(reader: InputReader): unknown {
    const form = reader.choice('form', REFUSAL_FORMS);
    this.#stream.faults.refuseConnections(readDuration(reader), form);
    return {};
  }
}

function readDuration(reader: InputReader): number | undefined {
  const { forMs } = reader.numbers('forMs');
  reader.finish();
  return forMs;
}

function readConnection(reader: InputReader): { connection?: ConnectionChoice } {
  const connection = reader.take('connection');
  if (connection === undefined) return {};
  if (typeof connection === 'string' || typeof connection === 'number') return { connection };
  throw new Error('connection: a conn_id or a place expected');
}
