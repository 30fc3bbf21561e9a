import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { isRoot } from '../../stack/cache-dir.js';
import { findPostgres } from '../../stack/find-postgres.js';
import { findRedis } from '../../stack/find-redis.js';
import { findTemporal } from '../../stack/find-temporal.js';
import { postgresUser } from '../../stack/postgres-user.js';
import { runCommand } from '../../stack/run-command.js';
import { temporaryFolder } from './temporary-folder.js';

const TEMPORAL = '#!/bin/sh\necho temporal version 1.0.0\n';
const BROKEN = '#!/bin/sh\nexit 1\n';
const GO = `#!/bin/sh\n[ "$1" = install ] && printf '${TEMPORAL.replaceAll('\n', '\\n')}' > "$GOBIN/temporal" && /bin/chmod +x "$GOBIN/temporal"\n`;
// nobody listens there: the download of the SDK fails at once, also on a machine with a network
const NO_NETWORK = { HTTPS_PROXY: 'http://127.0.0.1:9', https_proxy: 'http://127.0.0.1:9' };

function program(folder: string, name: string, text: string): string {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, name);
  writeFileSync(file, text);
  chmodSync(file, 0o755);
  return file;
}

function options(folder: string): {
  cacheDir: string;
  env: NodeJS.ProcessEnv;
  log: (line: string) => void;
  lines: string[];
} {
  const lines: string[] = [];
  return {
    cacheDir: path.join(folder, 'cache'),
    env: { PATH: path.join(folder, 'path'), ...NO_NETWORK },
    log: (line) => void lines.push(line),
    lines,
  };
}

it('takes the temporal on PATH, and the one in the cache when that does not run', async () => {
  const folder = temporaryFolder();
  const onPath = program(path.join(folder, 'path'), 'temporal', TEMPORAL);
  const cached = program(path.join(folder, 'cache', 'bin'), 'temporal', TEMPORAL);
  const find = options(folder);
  expect(await findTemporal(find)).toBe(onPath);
  program(path.join(folder, 'path'), 'temporal', BROKEN);
  expect(await findTemporal(find)).toBe(cached);
  expect(find.lines).toEqual([]);
});

it('builds temporal with Go when there is no network, also over a broken one in the cache', async () => {
  const folder = temporaryFolder();
  program(path.join(folder, 'path'), 'go', GO);
  program(path.join(folder, 'cache', 'bin'), 'temporal', BROKEN);
  const find = options(folder);
  const [first, second] = await Promise.all([findTemporal(find), findTemporal(find)]);
  expect(first).toBe(path.join(folder, 'cache', 'bin', 'temporal'));
  expect(second).toBe(first);
  expect(find.lines.filter((line) => line.includes('with Go'))).toHaveLength(1);
  expect(readdirSync(path.dirname(first))).toEqual(['temporal']);
});

it('says what to do when temporal cannot be had', async () => {
  const find = options(temporaryFolder());
  await expect(findTemporal(find)).rejects.toThrow(/Go is not installed.*install the Temporal CLI/);
});

it('takes redis-server on PATH, then valkey-server, then says what to install', async () => {
  const folder = temporaryFolder();
  const find = options(folder);
  await expect(findRedis(find)).rejects.toThrow(/no Redis server on PATH: .*REDIS_HOST/);
  const valkey = program(path.join(folder, 'path'), 'valkey-server', TEMPORAL);
  expect(await findRedis(find)).toBe(valkey);
  const redis = program(path.join(folder, 'path'), 'redis-server', TEMPORAL);
  expect(await findRedis(find)).toBe(redis);
});

it.runIf(isRoot())(
  'installs Redis with apt-get for root, with fresh package lists when needed',
  async () => {
    const folder = temporaryFolder();
    const bin = path.join(folder, 'path');
    const log = path.join(folder, 'apt.log');
    program(
      bin,
      'apt-get',
      `#!/bin/sh
echo "$@" >> ${log}
for word in "$@"; do last="$word"; done
if [ "$last" = update ]; then echo > ${folder}/updated; exit 0; fi
[ -f ${folder}/updated ] || exit 100
echo > ${bin}/redis-server; /bin/chmod +x ${bin}/redis-server
`,
    );
    const policyBefore = existsSync('/usr/sbin/policy-rc.d');
    const find = options(folder);
    const [first, second] = await Promise.all([findRedis(find), findRedis(find)]);
    expect(first).toBe(path.join(bin, 'redis-server'));
    expect(second).toBe(first);
    expect(readFileSync(log, 'utf8').match(/(?<= )(install|update)(?= |$)/gm)).toEqual([
      'install',
      'update',
      'install',
    ]);
    expect(existsSync('/usr/sbin/policy-rc.d')).toBe(policyBefore);
  },
);

it('copies PostgreSQL where the user that runs it can reach it, with its links', async () => {
  const find = options(temporaryFolder());
  const [binaries] = await Promise.all([findPostgres(find), findPostgres(find)]);
  const folder = path.resolve(path.dirname(binaries.postgres), '..');
  expect(folder.startsWith(find.cacheDir)).toBe(true);
  const user = isRoot() ? await postgresUser() : undefined;
  const version = await runCommand(binaries.postgres, ['--version'], {
    timeoutMs: 60_000,
    cwd: '/',
    ...user,
  });
  expect(version.stdout).toMatch(/^postgres \(PostgreSQL\) 18/);
  expect(lstatSync(path.join(folder, 'lib', 'libpq.so.5')).isSymbolicLink()).toBe(true);
  expect(existsSync(`${folder}.lock`)).toBe(false);
});
