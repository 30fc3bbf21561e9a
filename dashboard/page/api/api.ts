import type {
  BackfillBody,
  CandleSlice,
  CoverageGrid,
  GapList,
  Health,
  Overview,
  RepairBody,
  RepairPreview,
  RunAction,
  RunList,
  SeriesList,
  StartedRun,
  StoredCount,
} from '../../api.js';
import type { Timeframe } from '../../../domain/timeframe.js';
import type { Client } from './client.js';

export interface SeriesQuery {
  readonly symbol: string;
  readonly timeframe: Timeframe;
}

/** Times in ms, `to` exclusive. */
export interface SeriesRange extends SeriesQuery {
  readonly from: number;
  readonly to: number;
}

/** What the page asks its server. Every method throws `RequestRefused` and `ServerLost`. */
export class Api {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async overview(signal: AbortSignal): Promise<Overview> {
    return (await this.#client.get('overview', {}, signal)) as Overview;
  }

  async coverage(timeframe: Timeframe, days: number, signal: AbortSignal): Promise<CoverageGrid> {
    return (await this.#client.get('coverage', { timeframe, days }, signal)) as CoverageGrid;
  }

  async stored(query: SeriesRange, signal: AbortSignal): Promise<StoredCount> {
    return (await this.#client.get('stored', { ...query }, signal)) as StoredCount;
  }

  async gaps(query: SeriesRange, signal: AbortSignal): Promise<GapList> {
    return (await this.#client.get('gaps', { ...query }, signal)) as GapList;
  }

  async series(signal: AbortSignal): Promise<SeriesList> {
    return (await this.#client.get('series', {}, signal)) as SeriesList;
  }

  async candles(
    query: SeriesQuery & { readonly to?: number | undefined; readonly limit: number },
    signal: AbortSignal,
  ): Promise<CandleSlice> {
    return (await this.#client.get('candles', { ...query }, signal)) as CandleSlice;
  }

  async runs(signal: AbortSignal): Promise<RunList> {
    return (await this.#client.get('runs', {}, signal)) as RunList;
  }

  async health(signal: AbortSignal): Promise<Health> {
    return (await this.#client.get('health', {}, signal)) as Health;
  }

  async startBackfill(body: BackfillBody): Promise<StartedRun> {
    return (await this.#client.post('backfills', body)) as StartedRun;
  }

  async previewRepair(ranges: RepairBody['ranges']): Promise<RepairPreview> {
    const body: RepairBody = { ranges, preview: true };
    return (await this.#client.post('repairs', body)) as RepairPreview;
  }

  async repair(ranges: RepairBody['ranges']): Promise<void> {
    const body: RepairBody = { ranges };
    await this.#client.post('repairs', body);
  }

  async steer(workflowId: string, action: RunAction): Promise<void> {
    await this.#client.post(`runs/${encodeURIComponent(workflowId)}/${action}`, {});
  }

  /** Server-sent events of `TickerUpdate[]`. */
  tickers(signal: AbortSignal): Promise<Response> {
    return this.#client.stream('tickers/live', {}, signal);
  }

  /** Server-sent events of `LiveCandleUpdate`. */
  liveCandle(series: SeriesQuery, signal: AbortSignal): Promise<Response> {
    return this.#client.stream('candles/live', { ...series }, signal);
  }
}
