import { RequestRefused, ServerLost } from './failures.js';
import type { TokenKeeper } from './token-keeper.js';

/** An answer that takes longer is none, ms. */
const TIMEOUT_MS = 30_000;

export type Query = Readonly<Record<string, string | number | undefined>>;

export interface ClientOptions {
  readonly tokens: TokenKeeper;
  /** Told of each request whether the server was reached. */
  readonly onReach: (reached: boolean) => void;
}

/** Requests to the page's own server, with the token once one was asked for. */
export class Client {
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** @throws RequestRefused, ServerLost; the signal's reason once it aborts */
  async get(path: string, query: Query, signal: AbortSignal): Promise<unknown> {
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const response = await this.#send(
      address(path, query),
      { signal: AbortSignal.any([signal, timeout]) },
      signal,
    );
    return this.#body(response, signal);
  }

  /** @throws RequestRefused, ServerLost */
  async post(path: string, body: object): Promise<unknown> {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await this.#send(address(path, {}), {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-m1-dashboard': '1' },
      body: JSON.stringify(body),
      signal,
    });
    return this.#body(response);
  }

  /** The answer as soon as its head is there. @throws as `get` */
  async stream(path: string, query: Query, signal: AbortSignal): Promise<Response> {
    const headers = { accept: 'text/event-stream' };
    return this.#send(address(path, query), { headers, signal }, signal);
  }

  async #send(url: string, init: RequestInit, given?: AbortSignal): Promise<Response> {
    const { tokens, onReach } = this.#options;
    for (;;) {
      const token = tokens.current();
      const headers = new Headers(init.headers);
      if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
      const response = await this.#reached(fetch(url, { ...init, headers }), given);
      onReach(true);
      if (response.status === 401) {
        await tokens.ask(token);
        given?.throwIfAborted();
        // a time limit has passed while somebody typed
        if (init.signal?.aborted === true) init = { ...init, signal: given ?? null };
        continue;
      }
      if (!response.ok) throw new RequestRefused(response.status, await faultOf(response));
      return response;
    }
  }

  #body(response: Response, given?: AbortSignal): Promise<unknown> {
    return this.#reached(response.json(), given);
  }

  /** An abort by the caller stays one; everything else means that the server is away. */
  async #reached<T>(answer: Promise<T>, given?: AbortSignal): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      given?.throwIfAborted();
      this.#options.onReach(false);
      throw new ServerLost(error);
    }
  }
}

function address(path: string, query: Query): string {
  const values = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) values.set(name, String(value));
  }
  const text = values.toString();
  return text === '' ? `api/${path}` : `api/${path}?${text}`;
}

async function faultOf(response: Response): Promise<string> {
  const answer: unknown = await response.json().catch(() => undefined);
  const known = typeof answer === 'object' && answer !== null && 'error' in answer;
  if (known && typeof answer.error === 'string') return answer.error;
  return `The server answered ${response.status} ${response.statusText}: see its log`;
}
