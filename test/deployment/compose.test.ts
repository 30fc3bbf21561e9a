import { readFileSync, existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { variablesSchema } from '../../runtime/variables.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const TEXT = readFileSync(path.join(ROOT, 'docker-compose.yml'), 'utf8');

/** What the test reads of a service. */
interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly healthcheck?: object;
  readonly restart?: string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly depends_on?:
    readonly string[] | Readonly<Record<string, { readonly condition: string }>>;
}

interface Compose {
  readonly name?: string;
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const compose = parse(TEXT, { merge: true }) as Compose;
const services = Object.entries(compose.services);

/** Servers of others, in whose environment M1's variables mean nothing. */
const ours = services.filter(([, { build }]) => build !== undefined);

/** Read by this file alone. */
const COMPOSE_ONLY = ['TEMPORAL_DB_PASSWORD', 'GRAFANA_PASSWORD'];

/** Read by `@temporalio/envconfig`. */
const OF_TEMPORAL = ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE'];

describe('docker-compose.yml', () => {
  it('has no top-level name, which docker-compose 1.29 refuses', () => {
    expect(compose.name).toBeUndefined();
    expect(Object.keys(compose.services)).toEqual(
      expect.arrayContaining([
        ...['timescaledb', 'redis', 'temporal', 'temporal-database', 'temporal-ui'],
        ...['migrate', 'worker', 'dashboard', 'prometheus', 'grafana'],
      ]),
    );
  });

  it.each(services)('%s: the version is pinned, and no port leaves this machine', (_, service) => {
    if (service.build === undefined) expect(service.image).toMatch(/:v?\d+\.\d+/);
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it.each(services)('%s: has a default for no password', (_, { environment = {} }) => {
    for (const [name, value] of Object.entries(environment)) {
      if (!/PASSWORD|PWD|TOKEN|AUTH$/.test(name)) continue;
      expect(value, name).toMatch(/^\$\{[A-Z_]+:\?set [A-Z_]+ in \.env\}$/);
    }
  });

  it.each(services)('%s: is checked where it runs for ever, else tried again', (_, service) => {
    const ends = service.restart === 'on-failure';
    const external = service.image?.startsWith('temporalio/ui') ?? false;
    if (ends || external) expect(service.healthcheck).toBeUndefined();
    else {
      expect(service.restart).toBe('unless-stopped');
      expect(service.healthcheck).toBeDefined();
    }
  });

  it('starts in order: nothing of M1 before the tables and the namespace are there', () => {
    for (const name of ['worker', 'dashboard']) {
      expect(compose.services[name]?.depends_on).toEqual({
        migrate: { condition: 'service_completed_successfully' },
        redis: { condition: 'service_healthy' },
        'temporal-namespace': { condition: 'service_completed_successfully' },
      });
    }
    expect(compose.services.migrate?.depends_on).toEqual({
      timescaledb: { condition: 'service_healthy' },
    });
  });

  it('keeps data in named volumes, and mounts nothing that is not there', () => {
    const mounts = services.flatMap(([, { volumes = [] }]) => volumes);
    for (const mount of mounts) {
      const [from = '', , mode] = mount.split(':');
      if (from.startsWith('./')) {
        expect(existsSync(path.join(ROOT, from)), mount).toBe(true);
        expect(mode, mount).toBe('ro');
      } else expect(Object.keys(compose.volumes)).toContain(from);
    }
    const named = mounts.map((mount) => mount.split(':')[0]);
    for (const volume of Object.keys(compose.volumes)) expect(named).toContain(volume);
  });

  it('names only variables that the configuration knows, and hands each on', () => {
    const known = new Set([...Object.keys(variablesSchema.shape), ...OF_TEMPORAL, ...COMPOSE_ONLY]);
    const named = [...TEXT.matchAll(/(?<!\$)\$\{([A-Z_]+)/g)].map(([, name = '']) => name);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
    expect(ours.map(([name]) => name)).toEqual(['migrate', 'worker', 'dashboard']);
    for (const [, { environment = {} }] of ours) {
      expect(Object.keys(environment).filter((name) => !known.has(name))).toEqual([]);
    }
  });

  it('lets Prometheus find the port that a worker serves', () => {
    const port = compose.services.worker?.environment?.METRICS_PORT;
    const scraped = parse(readFileSync(path.join(ROOT, 'monitoring/prometheus.yml'), 'utf8')) as {
      readonly scrape_configs: readonly {
        readonly dns_sd_configs: readonly { readonly names: string[]; readonly port: number }[];
      }[];
    };
    expect(scraped.scrape_configs[0]?.dns_sd_configs[0]).toMatchObject({
      ...{ names: ['worker'], port: Number(port) },
    });
  });
});
