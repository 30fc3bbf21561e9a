import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../runtime/config.js';
import { variablesSchema } from '../../runtime/variables.js';

const text = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
const assignments = [...text.matchAll(/^(#?)([A-Z][A-Z0-9_]*)=(.*)$/gm)].map(
  ([, comment, name, value]) => ({ commented: comment === '#', name: name ?? '', value }),
);

const SERVER = /^(POSTGRES|REDIS|TEMPORAL|GRAFANA)_/;

/** Read by others: Temporal's own settings, and what docker-compose.yml alone needs. */
const OF_OTHERS = /^(TEMPORAL|GRAFANA)_/;

describe('.env.example', () => {
  it('holds every variable once', () => {
    const names = assignments
      .map(({ name }) => name)
      .filter((name) => Object.hasOwn(variablesSchema.shape, name) || !OF_OTHERS.test(name));
    expect(names.toSorted()).toEqual(Object.keys(variablesSchema.shape).sort());
    expect(assignments.map(({ name }) => name)).toContain('TEMPORAL_ADDRESS');
    expect(assignments.map(({ name }) => name)).toContain('TEMPORAL_NAMESPACE');
  });

  it('comments out the servers, and only them', () => {
    for (const { name, commented } of assignments) expect(commented).toBe(SERVER.test(name));
  });

  it('changes nothing when it is copied', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'm1-env-'));
    try {
      const options = { env: { HOME: folder }, folder, readStack: () => undefined };
      const without = loadConfig(options);
      writeFileSync(path.join(folder, '.env'), text);
      expect(loadConfig(options)).toEqual(without);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
