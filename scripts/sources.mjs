// What the build reads, as one hash: `dist` is current when its stamp holds the same value.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Folders copied into `dist` as they are (SQL files and the like). */
export const ASSET_FOLDERS = ['migrations'];

/** The file in `dist` that holds the hash of the sources it was built from. */
export const STAMP = '.built-from';

/** A hash over the names and contents of everything that ends up in `dist`. */
export function sourcesHash(root) {
  const config = JSON.parse(readFileSync(path.join(root, 'tsconfig.build.json'), 'utf8'));
  const hash = createHash('sha256');
  const files = [
    ...[
      'tsconfig.json',
      'tsconfig.build.json',
      'package-lock.json',
      'scripts/build.mjs',
      'scripts/sources.mjs',
    ],
    ...[...config.include, ...ASSET_FOLDERS].flatMap((folder) => listFiles(root, folder)),
  ];
  for (const file of files) {
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(path.join(root, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

/** True when `dist` was built from exactly the present sources. */
export function isBuilt(root) {
  try {
    return readFileSync(path.join(root, 'dist', STAMP), 'utf8') === sourcesHash(root);
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    throw error;
  }
}

/** Paths of all files below `folder`, relative to `root`, sorted; none when it does not exist. */
export function listFiles(root, folder) {
  let entries;
  try {
    entries = readdirSync(path.join(root, folder), { withFileTypes: true });
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
  return entries
    .flatMap((entry) => {
      const name = path.posix.join(folder, entry.name);
      return entry.isDirectory() ? listFiles(root, name) : [name];
    })
    .sort();
}
