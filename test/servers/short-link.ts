import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { PostgresAddress } from '../../stack/start-postgres.js';

/** A way to PostgreSQL on which an answer stops in the middle. */
export interface ShortLink {
  /** Where a program finds it. */
  readonly env: Readonly<Record<string, string>>;
  /** Resolves when nothing more comes through. */
  readonly exhausted: Promise<void>;
}

/** Passes everything on to the server, and `bytes` of what it answers. Closed when the test ends. */
export async function openShortLink(
  { host, port }: PostgresAddress,
  bytes: number,
): Promise<ShortLink> {
  let left = bytes;
  let exhaust = (): void => undefined;
  const exhausted = new Promise<void>((resolve) => {
    exhaust = resolve;
  });
  const link = createServer((near) => {
    const far = connect(port, host);
    const end = (): void => {
      near.destroy();
      far.destroy();
    };
    near.on('error', end).on('close', end).pipe(far);
    far.on('error', end).on('close', end);
    far.on('data', (part: Buffer) => {
      near.write(part.subarray(0, Math.max(0, left)));
      left -= part.length;
      if (left > 0) return;
      far.pause();
      exhaust();
    });
  });
  link.listen(0, '127.0.0.1');
  await once(link, 'listening');
  onTestFinished(() => void link.close());
  const { port: ownPort } = link.address() as AddressInfo;
  return { env: { POSTGRES_HOST: '127.0.0.1', POSTGRES_PORT: String(ownPort) }, exhausted };
}
