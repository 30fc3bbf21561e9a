import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const USUAL_PORTS = [5432, 6379, 7233, 8233, 8080];

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe('m1 demo --once --simulated', () => {
  const home = mkdtempSync(path.join(tmpdir(), 'm1-demo-'));
  const squatters: Server[] = [];

  beforeAll(async () => {
    // Something else has the usual ports, as on any developer's machine.
    for (const port of USUAL_PORTS) {
      const server = createServer((socket) => socket.destroy());
      server.listen(port, '127.0.0.1');
      // A port that is taken already serves the purpose as well.
      await once(server, 'listening').then(
        () => squatters.push(server),
        () => undefined,
      );
    }
  });
  afterAll(() => {
    for (const server of squatters) server.close();
    rmSync(home, { recursive: true, force: true });
  });

  async function demo(): Promise<Ended> {
    const child = spawn(process.execPath, [MAIN, 'demo', '--once', '--simulated'], {
      cwd: home,
      env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', M1_HOME: home },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, stdout, stderr };
  }

  it.each(['the first time', 'a second time'])('ends with a filled table, %s', async () => {
    const { code, stdout, stderr } = await demo();
    expect(code, stderr).toBe(0);
    const all = `${stderr}${stdout}`;
    expect(stdout.split('\n', 1)[0]).toMatch(/SIMULATED/);
    const lines = stdout.split('\n');
    const rows = lines.filter((line) => /^[A-Z0-9]+USDT +(5m|15m|1h|4h|1d) /.test(line));
    expect(rows).toHaveLength(25);
    for (const row of rows) expect(row).toMatch(/100\.00 %$/);
    const prices = lines.slice(
      lines.findIndex((line) => /live prices of the top 5/.test(line)) + 1,
    );
    expect(prices.filter((line) => /^[A-Z0-9]+USDT +[\d.,]+ /.test(line))).toHaveLength(5);
    expect(all).toMatch(/stopped: 5 symbols/);
    // the servers end with the command, and links to them would be dead
    expect(all).not.toMatch(/https?:\/\//);
    expect(all).not.toMatch(/:(5432|6379|7233|8233|8080)\b/);
  });
});
