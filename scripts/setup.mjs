// Makes a clone ready to run: packages, build, with --servers the server binaries, and with --browser the
// Chromium of the dashboard's tests.
// Needs nothing but Node; silent and quick when there is nothing to do. All output goes to stderr.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { withLock } from './lock.mjs';
import { isBuilt } from './sources.mjs';

const root = path.resolve(fileURLToPath(new URL('..', import.meta.url)));
const lockfile = path.join(root, 'package-lock.json');
const installStamp = path.join(root, 'node_modules', '.m1-setup');

class SetupError extends Error {}

function say(line) {
  process.stderr.write(`m1: ${line}\n`);
}

function readOr(file, otherwise) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return otherwise;
    throw error;
  }
}

function checkNode() {
  const wanted = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).engines.node;
  const [wantedMajor, wantedMinor] = wanted
    .replace(/[^0-9.]/g, '')
    .split('.')
    .map(Number);
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  throw new SetupError(
    `Node ${process.versions.node} is too old: install Node ${wanted.replace('>=', '')} or newer`,
  );
}

function lockHash() {
  return createHash('sha256').update(readFileSync(lockfile)).digest('hex');
}

/** True when node_modules holds what the lockfile says, whoever installed it. */
function isInstalled() {
  if (readOr(installStamp, '') === lockHash()) return true;
  const installed = JSON.parse(
    readOr(path.join(root, 'node_modules', '.package-lock.json'), '{}'),
  ).packages;
  if (installed === undefined) return false;
  const wanted = JSON.parse(readFileSync(lockfile, 'utf8')).packages;
  const same = Object.entries(wanted).every(
    ([name, { version, integrity, optional, devOptional, peer }]) => {
      if (name === '') return true;
      const there = installed[name];
      if (there === undefined) return optional === true || devOptional === true || peer === true;
      return there.version === version && there.integrity === integrity;
    },
  );
  if (same) writeFileSync(installStamp, lockHash());
  return same;
}

function install() {
  say('installing packages (npm ci, about a minute)');
  // Nothing here needs install scripts; without them npm behaves the same in every version, and
  // `prepare` does not build a first time what is built below.
  const { status, error } = spawnSync(
    'npm',
    ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--include=dev'],
    {
      cwd: root,
      stdio: ['ignore', 2, 2],
    },
  );
  if (error !== undefined)
    throw new SetupError(`npm could not be started (${error.message}): install npm`);
  if (status !== 0)
    throw new SetupError('npm ci failed: see its message above, then run the same command again');
  writeFileSync(installStamp, lockHash());
}

function build() {
  const { status } = spawnSync(process.execPath, [path.join(root, 'scripts', 'build.mjs')], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new SetupError('the build failed: see its message above');
}

async function provisionServers() {
  const module = pathToFileURL(path.join(root, 'dist', 'stack', 'provision.js')).href;
  const { provisionServers: provision } = await import(module);
  await provision({ log: say });
}

async function provisionBrowser() {
  const browser = pathToFileURL(path.join(root, 'dist', 'stack', 'find-chromium.js')).href;
  const { findChromium } = await import(browser);
  await findChromium({ log: say });
}

async function setUp() {
  checkNode();
  if (!isInstalled() || !isBuilt(root)) {
    await withLock(
      root,
      'setup',
      async () => {
        if (!isInstalled()) install();
        if (!isBuilt(root)) build();
      },
      () => say('another set-up of this clone is running, waiting for it'),
    );
  }
  if (process.argv.includes('--servers')) await provisionServers();
  if (process.argv.includes('--browser')) await provisionBrowser();
}

await setUp().catch((error) => {
  say(process.env.LOG_LEVEL === 'debug' ? error.stack : error.message);
  process.exitCode = 1;
});
