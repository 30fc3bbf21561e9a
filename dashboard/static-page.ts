import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { MiddlewareHandler } from 'hono';
import { ServerAway } from '../domain/failure.js';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

interface PageFile {
  readonly body: Buffer<ArrayBuffer>;
  readonly type: string;
}

/**
 * Gives the files of the page, read once: what was not there at the start cannot be asked for, whatever
 * a path says.
 *
 * @throws ServerAway when the page was not built
 */
export function staticPage(folder: string): MiddlewareHandler {
  const files = readPage(folder);
  if (!files.has('/')) {
    throw new ServerAway(`the dashboard's page is not in ${folder}: run npm run build`);
  }
  return async (context, next) => {
    const file = files.get(context.req.path);
    const { method } = context.req;
    if (file === undefined || (method !== 'GET' && method !== 'HEAD')) return next();
    // a new build has the same names
    return context.body(file.body, 200, { 'content-type': file.type, 'cache-control': 'no-cache' });
  };
}

function readPage(folder: string): ReadonlyMap<string, PageFile> {
  const files = new Map<string, PageFile>();
  if (!existsSync(folder)) return files;
  for (const name of readdirSync(folder)) {
    const type = TYPES[path.extname(name)];
    if (type === undefined) continue;
    const file = { body: readFileSync(path.join(folder, name)), type };
    files.set(`/${name}`, file);
    if (name === 'index.html') files.set('/', file);
  }
  return files;
}
