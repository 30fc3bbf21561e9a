import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { freePort } from '../../runtime/free-port.js';
import { startCollector, type Collector } from '../integration/collector.js';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly summary: string };
}

function read(file: string): string {
  return readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), 'utf8');
}

const ALERTS = (
  parse(read('monitoring/alerts.yml')) as { groups: { rules: Rule[] }[] }
).groups.flatMap(({ rules }) => rules);

const PANELS = (
  JSON.parse(read('monitoring/grafana/dashboards/m1.json')) as {
    panels: { title: string; targets: { expr: string }[] }[];
  }
).panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ title, expr })));

/** Names of metrics in a query: what is neither a function, a label, nor a word of the language. */
function metricsOf(expr: string): string[] {
  const bare = expr.replaceAll(/\{[^}]*\}|\[[^\]]*\]|(by|on|without|ignoring) *\([^)]*\)/g, ' ');
  return [...bare.matchAll(/[a-z_][a-z0-9_]*(?![a-z0-9_]* *\()/g)]
    .map(([name]) => name)
    .filter((name) => name.includes('_') || name === 'up');
}

describe('alert rules and the Grafana dashboard', () => {
  let collector: Collector;
  let scraped: Set<string>;

  beforeAll(async () => {
    const port = await freePort();
    collector = await startCollector({ simulator: { now: '2026-02-01', speed: 0, pairs: 2 } });
    await collector.startWorker({ METRICS_PORT: String(port) });
    const { code, stderr } = await collector.m1(['backfill', '--top', '1', '--days', '1']);
    expect(code, stderr).toBe(0);
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
    const text = await answer.text();
    // Prometheus itself makes this one, for each target
    scraped = new Set(['up']);
    for (const [, name = '', type] of text.matchAll(/^# TYPE (\w+) (\w+)$/gm)) {
      scraped.add(name);
      if (type === 'histogram')
        for (const part of ['bucket', 'sum', 'count']) scraped.add(`${name}_${part}`);
    }
    const health = await fetch(`http://127.0.0.1:${port}/healthz`);
    expect([health.status, await health.json()]).toMatchObject([200, { ok: true }]);
  });
  afterAll(() => collector.close());

  it.each([...ALERTS.map(({ alert, expr }) => ({ title: alert, expr })), ...PANELS])(
    '$title: asks for metrics that a worker serves',
    ({ expr }) => {
      const names = metricsOf(expr);
      expect(names.length, expr).toBeGreaterThan(0);
      expect(
        names.filter((name) => !scraped.has(name)),
        expr,
      ).toEqual([]);
    },
  );

  it('tell what to do on each alert in docs/operations.md', () => {
    const headings = [...read('docs/operations.md').matchAll(/^### (M1\w+)$/gm)].map(
      ([, name]) => name,
    );
    expect(headings).toEqual(ALERTS.map(({ alert }) => alert));
  });
});
