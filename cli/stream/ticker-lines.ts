import type { RedisConfig } from '../../runtime/config.js';
import { connectRedis } from '../../storage/redis.js';
import { tickerKey } from '../../storage/ticker-hash.js';
import { say, type CommandIo } from '../io.js';

/** Prints each update of a ticker as it is published. */
export interface TickerLines {
  /**
   * Prints the updates of these symbols from now on, and of no others. To be called again and again:
   * a subscription that failed is made by the next call.
   */
  follow(symbols: readonly string[]): Promise<void>;
  close(): void;
}

/** Subscribes on a connection of its own, as Redis wants it. */
export async function openTickerLines(redis: RedisConfig, io: CommandIo): Promise<TickerLines> {
  const subscriber = await connectRedis(redis);
  const subscribed = new Set<string>();

  // The document is published as one line. A pipe takes it at once or makes this process wait, so
  // nothing piles up here for a reader that is slow.
  subscriber.on('message', (_channel, document) => io.stdout.write(`${document}\n`));
  subscriber.on('close', () => {
    // told once for each time that it was connected
    if (subscribed.size > 0) say(io, 'Redis does not answer: updates are missing until it does');
    subscribed.clear();
  });

  return {
    follow: async (symbols) => {
      if (subscriber.status !== 'ready') return;
      const wanted = new Set(symbols.map(tickerKey));
      const added = [...wanted].filter((channel) => !subscribed.has(channel));
      const removed = [...subscribed].filter((channel) => !wanted.has(channel));
      try {
        if (added.length > 0) await subscriber.subscribe(...added);
        for (const channel of added) subscribed.add(channel);
        if (removed.length > 0) await subscriber.unsubscribe(...removed);
        for (const channel of removed) subscribed.delete(channel);
      } catch {
        // the connection was lost meanwhile, which its own event tells
      }
    },
    close: () => subscriber.disconnect(),
  };
}
