import { formatCount } from '../../cli/render/format.js';
import { renderTable } from '../../cli/render/table.js';
import type { StorePage } from '../../domain/stores.js';
import { SqlCandleStore } from '../../storage/candle-store.js';
import { PostgresDatabase } from '../../storage/postgres.js';
import { createBenchDatabase, emptyTables, type BenchDatabase } from '../bench-database.js';
import { treeCpuSeconds } from '../process-usage.js';
import { atMost, median } from '../statistics.js';
import type { Topic, TopicContext } from '../topic.js';
import { copyData, copyRows, type CopyFormat } from './copy-rows.js';
import { changedPages, madeUpPages } from './made-up-pages.js';

const ROUNDS = 3;
/** As many as a worker has connections. */
const WRITERS = 4;

/** Pages that are there already, with another volume in one row of so many. */
const CHANGES = { '1 % changed': 100, '10 % changed': 10, 'all changed': 1 } as const;

const WAYS = [
  'COPY text',
  'COPY binary',
  'new',
  'equal',
  '1 % changed',
  '10 % changed',
  'all changed',
] as const;
type Way = (typeof WAYS)[number];

/** Most database CPU, in those of a plain COPY. */
const AIMS: Partial<Record<Way, number>> = {
  new: 1.15,
  '1 % changed': 1.6,
  '10 % changed': 1.6,
  'all changed': 1.6,
};

interface Measured {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** Storing pages beside a plain COPY of the same rows into the same table. */
export const STORING: Topic = {
  name: 'storing',
  about: 'new, equal and changed rows beside a plain COPY into the same table',
  async run(context) {
    const { bed, print, say } = context;
    const database = await createBenchDatabase(bed.postgres, 'bench_storing');
    const store = new PostgresDatabase(database.address);
    try {
      const bench = new StoringBench(context, database, store);
      // it would start at some moment of its own, in the middle of one way and not of another
      await database.sql.query('alter table ohlcv set (autovacuum_enabled = off)');
      const rounds: Record<Way, Measured>[] = [];
      for (let round = 1; round <= ROUNDS; round++) {
        say(`storing: round ${round} of ${ROUNDS}`);
        rounds.push(await bench.round());
      }
      for (const line of report(rounds, bench.rows)) print(line);
    } finally {
      await store.close();
      await database.close();
    }
  },
};

class StoringBench {
  readonly #context: TopicContext;
  readonly #database: BenchDatabase;
  readonly #store: SqlCandleStore;
  readonly #pages = madeUpPages();
  readonly #changed = {
    '1 % changed': changedPages(this.#pages, CHANGES['1 % changed']),
    '10 % changed': changedPages(this.#pages, CHANGES['10 % changed']),
    'all changed': changedPages(this.#pages, CHANGES['all changed']),
  };

  constructor(context: TopicContext, database: BenchDatabase, store: PostgresDatabase) {
    this.#context = context;
    this.#database = database;
    this.#store = new SqlCandleStore({ database: store, reaskMs: [300_000, 86_400_000] });
  }

  get rows(): number {
    return this.#pages.reduce((sum, { page }) => sum + page.closed.openTimeMs.length, 0);
  }

  /** Every way once; those that store what is there already find it as if freshly loaded. */
  async round(): Promise<Record<Way, Measured>> {
    await emptyTables(this.#database);
    const text = await this.#copy('text');
    await emptyTables(this.#database);
    const binary = await this.#copy('binary');
    await emptyTables(this.#database);
    const fresh = await this.#storeAll(this.#pages, this.rows);
    await this.#database.sql.query('checkpoint');
    return {
      'COPY text': text,
      'COPY binary': binary,
      new: fresh,
      equal: await this.#storeAll(this.#pages, 0),
      '1 % changed': await this.#storeOver('1 % changed'),
      '10 % changed': await this.#storeOver('10 % changed'),
      'all changed': await this.#storeOver('all changed'),
    };
  }

  async #storeOver(change: keyof typeof CHANGES): Promise<Measured> {
    await emptyTables(this.#database);
    await this.#storeAll(this.#pages, this.rows);
    await this.#database.sql.query('checkpoint');
    return this.#storeAll(this.#changed[change], 0);
  }

  #copy(format: CopyFormat): Promise<Measured> {
    const prepared = this.#pages.map((page) => copyData(page, format));
    return this.#measure(prepared, (data) => copyRows(this.#database.sql, data, format));
  }

  async #storeAll(pages: readonly StorePage[], expected: number): Promise<Measured> {
    let added = 0;
    const measured = await this.#measure(pages, async (page) => {
      const stored = await this.#store.storePage(page);
      added += stored.added;
    });
    if (added !== expected) throw new Error(`${added} rows were added instead of ${expected}`);
    return measured;
  }

  /** Works through the items with as many at once as a worker stores. */
  async #measure<Item>(
    items: readonly Item[],
    work: (item: Item) => Promise<void>,
  ): Promise<Measured> {
    const { bed, signal } = this.#context;
    const { pid } = bed.postgres.identity;
    const left = [...items];
    const writer = async (): Promise<void> => {
      for (let item = left.shift(); item !== undefined; item = left.shift()) {
        signal.throwIfAborted();
        await work(item);
      }
    };
    const cpuBefore = treeCpuSeconds(pid);
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: WRITERS }, writer));
    const seconds = (performance.now() - startedAt) / 1000;
    return { seconds, cpuSeconds: treeCpuSeconds(pid) - cpuBefore };
  }
}

function report(rounds: readonly Record<Way, Measured>[], rows: number): string[] {
  const middle = (way: Way, figure: keyof Measured): number =>
    median(rounds.map((round) => round[way][figure]));
  const ratio = (way: Way, to: Way): number =>
    median(rounds.map((round) => round[way].cpuSeconds / round[to].cpuSeconds));
  const columns = [
    { title: 'rows' },
    { title: 'CPU / COPY text', align: 'right' },
    { title: 'CPU / COPY binary', align: 'right' },
    { title: 'rows/s', align: 'right' },
    { title: 'database CPU s', align: 'right' },
    { title: 'aim (CPU / COPY text)' },
  ] as const;
  const lines = WAYS.map((way) => {
    const aim = AIMS[way];
    const toText = ratio(way, 'COPY text');
    return [
      way,
      toText.toFixed(2),
      ratio(way, 'COPY binary').toFixed(2),
      formatCount(rows / middle(way, 'seconds')),
      middle(way, 'cpuSeconds').toFixed(2),
      aim === undefined ? '' : `${aim}: ${atMost(toText, aim)}`,
    ];
  });
  return [
    ...renderTable(columns, lines),
    '',
    `${formatCount(rows)} rows in pages of 1,000, a transaction a page, ${WRITERS} writers, ohlcv with`,
    `its key and indexes; database CPU: all processes of PostgreSQL; medians of ${ROUNDS} rounds. A COPY`,
    'writes rows only; M1 also writes coverage and the record of the request.',
  ];
}
