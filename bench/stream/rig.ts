import type { Bed } from '../bed.js';
import type { BenchDatabase } from '../bench-database.js';
import { UsageWatch, type Usage } from '../process-usage.js';
import { workerNodeOptions } from '../programs.js';
import { BenchProcess } from './child-process.js';
import type {
  MemoryMark,
  Play,
  Played,
  Received,
  ReceiverProtocol,
  SenderProtocol,
} from './protocols.js';
import { symbolNames } from './symbol-names.js';

/** What was sent in some time, and what became of it. */
export interface MeasuredPlay {
  readonly play: Play;
  readonly played: Played;
  readonly received: Received;
  readonly seconds: number;
  readonly usage: Usage;
}

export interface StreamRigOptions {
  readonly bed: Bed;
  readonly database: BenchDatabase;
  /** How many the receiver follows. */
  readonly symbols: number;
}

/** A sender and a receiver, each a process, that are connected. */
export class StreamRig {
  readonly #bed: Bed;
  readonly #sender: BenchProcess<SenderProtocol>;
  readonly #receiver: BenchProcess<ReceiverProtocol>;
  #connections = 0;

  private constructor(bed: Bed) {
    this.#bed = bed;
    this.#sender = new BenchProcess('./sender.js');
    this.#receiver = new BenchProcess('./receiver.js', workerNodeOptions());
  }

  static async start({ bed, database, symbols }: StreamRigOptions): Promise<StreamRig> {
    const rig = new StreamRig(bed);
    try {
      const { url } = await rig.#sender.ask('listen', undefined);
      const { connections } = await rig.#receiver.ask('start', {
        wsUrl: url,
        redis: { host: bed.redis.host, port: bed.redis.port },
        postgres: database.address,
        symbols: symbolNames(symbols),
      });
      rig.#connections = connections;
      return rig;
    } catch (error) {
      await rig.stop();
      throw error;
    }
  }

  get connections(): number {
    return this.#connections;
  }

  async measure(play: Play): Promise<MeasuredPlay> {
    await this.#receiver.ask('begin', undefined);
    const watch = new UsageWatch([
      { name: 'receiver', pid: this.#receiver.pid },
      { name: 'sender', pid: this.#sender.pid },
      { name: 'redis', pid: this.#bed.redis.identity.pid },
      { name: 'postgres', pid: this.#bed.postgres.identity.pid },
    ]);
    const beganAt = performance.now();
    try {
      const played = await this.#sender.ask('play', play);
      const seconds = (performance.now() - beganAt) / 1000;
      const usage = watch.stop();
      const received = await this.#receiver.ask('report', undefined);
      return { play, played, received, seconds, usage };
    } finally {
      watch.stop();
    }
  }

  /** The receiver's, since its start. */
  memory(): Promise<readonly MemoryMark[]> {
    return this.#receiver.ask('memory', undefined);
  }

  async stop(): Promise<void> {
    await this.#receiver.ask('stop', undefined).catch(() => undefined);
    await this.#receiver.stop();
    await this.#sender.stop();
  }
}
