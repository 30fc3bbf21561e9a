import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runCaptured } from './captured.js';

const COMMANDS = [
  'backfill',
  'stream',
  'stream stop',
  'collect',
  'collect stop',
  'sync start',
  'sync status',
  'sync pause',
  'sync resume',
  'sync trigger',
  'sync stop',
  'status',
  'gaps list',
  'gaps check',
  'gaps explain',
  'gaps repair',
  'verify',
  'export',
  'retention run',
  'retention status',
  'runs list',
  'runs show',
  'runs watch',
  'runs pause',
  'runs resume',
  'runs cancel',
  'demo',
  'up',
  'down',
  'simulate',
  'worker',
  'soak',
  'db upgrade',
  'db status',
  'dashboard',
  'db rollback',
  'doctor',
  'completion bash',
];

describe('wrong use', () => {
  it.each([
    ['bogus', /unknown command "bogus"/],
    ['runs', /m1 runs list\|show\|watch\|pause\|resume\|cancel/],
    ['runs bogus', /unknown command "runs bogus": m1 runs list/],
    ['db bogus', /m1 db upgrade\|status\|rollback/],
    ['runs show', /m1 runs show --help/],
    ['backfill --bogus', /--bogus.*m1 backfill --help/],
    ['backfill extra', /extra.*m1 backfill --help/],
    ['backfill --days', /--days.*m1 backfill --help/],
    ['backfill --days -5', /--days/],
    ['backfill --days 0', /--days/],
    ['backfill --days 30 --from 2026-01-01', /--days excludes/],
    ['backfill --timeframe 2m', /5m, 15m, 1h, 4h, 1d/],
    ['backfill --symbol BTCUSDT --top 5', /exclude each other/],
    ['backfill --top 0', /--top/],
    ['backfill --from 2026-02-30', /--from/],
    ['backfill --from 2026-02-02 --to 2026-02-01', /must lie before/],
    ['backfill --dry-run --detach', /--detach/],
    ['backfill --json --days x', /--days/],
    ['stream --top 0', /--top/],
    ['stream --top many', /--top/],
    ['stream --symbol BTCUSDT --top 5', /exclude each other/],
    ['stream --symbol BTC/USDT', /BTC\/USDT.*BTCUSDT/],
    ['stream --json --detach', /--json excludes --detach/],
    ['stream extra', /m1 stream --help/],
    ['stream stop --bogus', /--bogus.*m1 stream stop --help/],
    ['up --live --simulated', /exclude each other/],
    ['demo --live --simulated', /exclude each other/],
    ['db rollback --count 0', /--count/],
    ['runs list --limit 0', /--limit/],
    ['simulate --port 70000', /--port/],
    ['simulate --speed fast', /--speed/],
    ['simulate --now 2026-02-30', /--now/],
    ['simulate --candles /no/such/file.csv', /file\.csv/],
  ])('m1 %s exits with 2 and one line', async (line, message) => {
    const { exitCode, stdout, stderr } = await runCaptured(line);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^m1: [^\n]+\n$/);
  });

  it('of the configuration exits with 2 and names every fault', async () => {
    const env = { POSTGRES_PORT: 'x', LOG_LEVEL: 'loud', POSTGRES_PASSWORD: 'hush' };
    for (const line of ['status', 'runs list', 'backfill', 'stream', 'up', 'worker', 'db status']) {
      const { exitCode, stderr } = await runCaptured(line, env);
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(/^m1: [^\n]*POSTGRES_PORT[^\n]*LOG_LEVEL[^\n]*\n$/);
      expect(stderr).not.toContain('hush');
    }
  });

  it('shows a stack only at LOG_LEVEL=debug', async () => {
    expect((await runCaptured('backfill --days 0')).stderr.split('\n')).toHaveLength(2);
    const { stderr } = await runCaptured('backfill --days 0', { LOG_LEVEL: 'debug' });
    expect(stderr).toContain('    at ');
  });
});

describe('servers that are away', () => {
  const env = { POSTGRES_PORT: '1', REDIS_PORT: '1', TEMPORAL_ADDRESS: '127.0.0.1:1' };

  it.each([
    'status',
    'status --json',
    'runs list',
    'backfill',
    'stream',
    'stream --detach',
    'stream stop',
    'db status',
    'db upgrade',
    'worker',
  ])('m1 %s exits with 1 and one line', async (line) => {
    const { exitCode, stdout, stderr } = await runCaptured(line, env);
    expect(exitCode).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^m1: [^\n]*(PostgreSQL|Temporal)[^\n]*\n$/);
  });

  it('m1 stream --json looks for Redis before it starts anything', async () => {
    const { exitCode, stdout, stderr } = await runCaptured('stream --json', env);
    expect(exitCode).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^m1: Redis at [^\n]*:1 does not answer[^\n]*m1 up[^\n]*\n$/);
  });

  it('are all named by the doctor', async () => {
    const { exitCode, stdout } = await runCaptured('doctor --json', env);
    expect(exitCode).toBe(1);
    const { checks } = JSON.parse(stdout) as { checks: { name: string; state: string }[] };
    const failed = checks.filter(({ state }) => state === 'fail').map(({ name }) => name);
    expect(failed).toEqual(['PostgreSQL', 'Redis', 'Temporal']);
  });
});

describe('help', () => {
  it('lists every command, without colours outside a terminal', async () => {
    for (const line of ['--help', '-h', '']) {
      const { exitCode, stdout, stderr } = await runCaptured(line);
      expect(exitCode).toBe(0);
      expect(stderr).toBe('');
      const listed = [...stdout.matchAll(/^ {2}m1 ([a-z ]*[a-z])/gm)].map(([, command]) => command);
      expect(listed.sort()).toEqual([...COMMANDS].sort());
      expect(stdout).not.toMatch(/\u001b|#0/);
    }
  });

  it('of a group lists its commands only', async () => {
    const { exitCode, stdout } = await runCaptured('gaps --help');
    expect(exitCode).toBe(0);
    const listed = [...stdout.matchAll(/^ {2}m1 ([a-z]+ [a-z]+)/gm)].map(([, command]) => command);
    expect(listed).toEqual(['gaps check', 'gaps explain', 'gaps list', 'gaps repair']);
    expect(stdout).not.toContain('#0');
    expect((await runCaptured('bogus --help')).stdout).toContain('m1 backfill');
  });

  it.each(COMMANDS)('of m1 %s has an example', async (command) => {
    const { exitCode, stdout } = await runCaptured(`${command} --help`);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Examples');
    expect(stdout).not.toContain('#0');
  });

  it('names what stands for a value, in columns', async () => {
    const { stdout } = await runCaptured('soak --help');
    expect(stdout).toContain('--report FILE');
    const columns = ['--hours H ', '--report FILE ', '--json '].map(
      (option) => new RegExp(`${option} *`).exec(stdout)?.[0].length,
    );
    expect(new Set(columns).size).toBe(1);
  });

  it('prints the version', async () => {
    expect((await runCaptured('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

it.skipIf(!existsSync('/dev/full'))('output that cannot be written is one line and exit 1', () => {
  const full = openSync('/dev/full', 'w');
  const { status, stderr } = spawnSync(process.execPath, ['dist/cli/main.js', '--version'], {
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
  });
  closeSync(full);
  expect([status, stderr.split('\n').length]).toEqual([1, 2]);
  expect(stderr).toMatch(/^m1: the output could not be written \(ENOSPC: .*\): free space/);
});
