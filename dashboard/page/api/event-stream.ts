import { whenVisible } from '../dom/when-visible.js';
import { SseParser } from './sse-parser.js';
import { ServerLost } from './failures.js';
import { reconnectWaitMs } from './reconnect-wait.js';

/** The server says something every 5 s: longer silence means that the connection is dead, ms. */
const SILENCE_MS = 15_000;

export interface EventStreamOptions {
  readonly open: (signal: AbortSignal) => Promise<Response>;
  /** Told when events flow, before the first one of a connection. */
  readonly onLive: () => void;
  readonly onData: (data: unknown) => void;
  /** Told when a connection was lost or refused; it is opened again by itself. */
  readonly onLost: (error: unknown) => void;
  readonly signal: AbortSignal;
}

/**
 * Follows server-sent events while the page can be seen. Not by `EventSource`, because that cannot send
 * the token.
 */
export async function followEvents(options: EventStreamOptions): Promise<void> {
  const { signal } = options;
  let failures = 0;
  for (;;) {
    await whenVisible(signal);
    if (signal.aborted) return;
    const connection = new AbortController();
    const close = (): void => connection.abort();
    const hide = (): void => {
      if (document.hidden) close();
    };
    signal.addEventListener('abort', close);
    document.addEventListener('visibilitychange', hide);
    try {
      await readEvents(options, connection, () => (failures = 0));
    } catch (error) {
      // closed by the page itself: nothing was lost
      if (!connection.signal.aborted || connection.signal.reason instanceof ServerLost)
        options.onLost(error);
    } finally {
      close();
      signal.removeEventListener('abort', close);
      document.removeEventListener('visibilitychange', hide);
    }
    if (!document.hidden) await wait(reconnectWaitMs(failures++), signal);
  }
}

async function readEvents(
  { open, onLive, onData }: EventStreamOptions,
  connection: AbortController,
  onFlow: () => void,
): Promise<void> {
  const parser = new SseParser();
  let silence = 0;
  const listen = (): void => {
    clearTimeout(silence);
    silence = setTimeout(() => connection.abort(new ServerLost('silent')), SILENCE_MS);
  };
  try {
    listen();
    const response = await open(connection.signal);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    if (reader === undefined) throw new ServerLost('no body');
    onLive();
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw new ServerLost(error);
      });
      if (done) throw new ServerLost('ended');
      listen();
      onFlow();
      for (const data of parser.push(value)) onData(JSON.parse(data));
    }
  } finally {
    clearTimeout(silence);
  }
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      // a view that stays open while the server is away would gather one for each attempt
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}
