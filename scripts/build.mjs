// Compiles the sources into dist, with the migrations, the workflow bundle and the dashboard's page.
// Run by `npm run build`, by npm itself as `prepare`, and by setup.mjs when dist is out of date.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from './lock.mjs';
import { ASSET_FOLDERS, STAMP, isBuilt, listFiles, sourcesHash } from './sources.mjs';

const root = path.resolve(fileURLToPath(new URL('..', import.meta.url)));
const dist = path.join(root, 'dist');
const require = createRequire(import.meta.url);
const WORKFLOWS = 'workflows/index.ts';
const BUNDLE = 'workflow-bundle.js';
const PAGE = 'dashboard/page';
/** Taken as they are. */
const PAGE_FILES = ['index.html', 'icon.svg'];

class BuildError extends Error {}

function say(line) {
  process.stderr.write(`${line}\n`);
}

function resolved(specifier) {
  try {
    return require.resolve(specifier);
  } catch {
    return undefined;
  }
}

function compile(outDir) {
  const tsc = require.resolve('typescript/bin/tsc');
  const args = [tsc, '-p', 'tsconfig.build.json', '--outDir', outDir, '--noEmitOnError'];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0)
    throw new BuildError('the build failed: correct the type errors above, dist is as it was');
  // the compiler counted the path from the temporary folder, one level deeper than dist
  for (const map of listFiles(outDir, '').filter((file) => file.endsWith('.js.map'))) {
    const file = path.join(outDir, map);
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('"../', '"'));
  }
}

async function bundleWorkflows(outDir) {
  const workflowsPath = path.join(root, WORKFLOWS);
  if (!existsSync(workflowsPath)) return;
  const { bundleWorkflowCode } = await import('@temporalio/worker');
  const quiet = () => undefined;
  const logger = {
    log: quiet,
    trace: quiet,
    debug: quiet,
    info: quiet,
    warn: (line) => say(line),
    error: (line) => say(line),
  };
  const { code } = await bundleWorkflowCode({ workflowsPath, logger });
  writeFileSync(path.join(outDir, BUNDLE), code);
}

async function bundlePage(outDir) {
  const page = path.join(root, PAGE);
  if (!existsSync(path.join(page, 'main.ts'))) return;
  const { build: bundle } = await import('esbuild');
  await bundle({
    entryPoints: ['main.ts', 'style.css'].map((file) => path.join(page, file)),
    outdir: path.join(outDir, PAGE),
    tsconfig: path.join(page, 'tsconfig.json'),
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    legalComments: 'linked',
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'warning',
  }).catch((error) => {
    throw new BuildError(
      `the page could not be bundled (${error.errors?.length ?? 1} errors above), dist is as it was`,
    );
  });
  for (const file of PAGE_FILES) cpSync(path.join(page, file), path.join(outDir, PAGE, file));
}

// File by file, each replaced in one step: a command that runs meanwhile always finds a whole file.
function moveInto(outDir) {
  const fresh = listFiles(outDir, '');
  for (const file of fresh) {
    mkdirSync(path.dirname(path.join(dist, file)), { recursive: true });
    renameSync(path.join(outDir, file), path.join(dist, file));
  }
  const keep = new Set(fresh);
  for (const file of listFiles(dist, '').filter(
    (name) => !keep.has(name) && !name.startsWith('.'),
  )) {
    rmSync(path.join(dist, file), { force: true });
    removeEmptyFolders(path.dirname(path.join(dist, file)));
  }
}

function removeEmptyFolders(folder) {
  try {
    for (let at = folder; at !== dist; at = path.dirname(at)) rmdirSync(at);
  } catch {
    // not empty: it stays, and so do its parents
  }
}

async function build() {
  const hash = sourcesHash(root);
  for (const left of listFiles(dist, '').filter((name) => name.startsWith('.tmp-'))) {
    rmSync(path.join(dist, left.split('/')[0]), { recursive: true, force: true });
  }
  const outDir = path.join(dist, `.tmp-${process.pid}`);
  mkdirSync(outDir, { recursive: true });
  try {
    compile(outDir);
    await bundleWorkflows(outDir);
    await bundlePage(outDir);
    for (const folder of ASSET_FOLDERS.filter((name) => existsSync(path.join(root, name)))) {
      cpSync(path.join(root, folder), path.join(outDir, folder), { recursive: true });
    }
    const main = path.join(outDir, 'cli/main.js');
    if (existsSync(main)) chmodSync(main, 0o755);
    rmSync(path.join(dist, STAMP), { force: true });
    moveInto(outDir);
    writeFileSync(path.join(dist, STAMP), hash);
  } finally {
    rmSync(outDir, { recursive: true, force: true });
  }
}

if (resolved('typescript/bin/tsc') === undefined) {
  const asPrepare = process.env.npm_lifecycle_event === 'prepare';
  say(
    asPrepare
      ? 'm1: not built, because development packages are not installed'
      : 'm1: the build needs the development packages: run npm ci',
  );
  process.exit(asPrepare ? 0 : 1);
}

const started = Date.now();
await withLock(
  root,
  'build',
  async () => {
    if (isBuilt(root)) return;
    say('m1: building (about 15 seconds)');
    await build();
    say(`m1: built in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  },
  () => say('m1: another build of this clone is running, waiting for it'),
).catch((error) => {
  if (!(error instanceof BuildError)) throw error;
  say(`m1: ${error.message}`);
  process.exitCode = 1;
});
