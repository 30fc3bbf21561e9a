import { createHash } from 'node:crypto';

/** The part of ioredis that scripts need. */
export interface ScriptClient {
  eval(script: string, keys: number, ...values: (string | number)[]): Promise<unknown>;
  evalsha(sha: string, keys: number, ...values: (string | number)[]): Promise<unknown>;
}

/** A Lua script; it is sent whole only when Redis does not know it. */
export class RedisScript {
  readonly #text: string;
  readonly #sha: string;

  constructor(text: string) {
    this.#text = text;
    this.#sha = createHash('sha1').update(text).digest('hex');
  }

  async run(
    redis: ScriptClient,
    keys: readonly string[],
    values: readonly (string | number)[],
  ): Promise<unknown> {
    try {
      return await redis.evalsha(this.#sha, keys.length, ...keys, ...values);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return await redis.eval(this.#text, keys.length, ...keys, ...values);
    }
  }
}
