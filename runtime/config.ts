import type { Timeframe } from '../domain/timeframe.js';
import { WrongUse, reasonOf } from '../domain/failure.js';
import {
  resolvePostgres,
  resolveRedis,
  resolveVenue,
  type PostgresConfig,
  type RedisConfig,
  type VenueConfig,
} from './config-servers.js';
import { resolveTemporal, type TemporalConfig } from './config-temporal.js';
import { readEnvironment, type EnvironmentOptions } from './environment.js';
import { readStackFile, stackHome, type StackFile, type StackMode } from './stack-file.js';
import { parseVariables, type Variables } from './variables.js';

export type { Origin, PostgresConfig, RedisConfig, VenueConfig } from './config-servers.js';
export type { TemporalConfig } from './config-temporal.js';

export interface LogConfig {
  readonly level: Variables['LOG_LEVEL'];
  /** Undefined: lines for people on a terminal, JSON elsewhere. */
  readonly format: 'json' | 'pretty' | undefined;
}

export interface DashboardConfig {
  readonly host: string;
  readonly port: number;
  readonly token: string | undefined;
}

/** Everything that is configured, checked. Read once at start and passed on. */
export interface Config {
  readonly venue: VenueConfig;
  readonly postgres: PostgresConfig;
  readonly redis: RedisConfig;
  readonly temporal: TemporalConfig;
  /** When an unconfirmed hole is asked again, counted from the first answer. */
  readonly gapReaskMs: readonly number[];
  /** How long candles are kept; a timeframe without an entry is kept for ever. */
  readonly retentionMs: ReadonlyMap<Timeframe, number>;
  /** Where the metrics are served; only this machine may ask by default. */
  readonly metricsHost: string;
  /** Undefined: no metrics. */
  readonly metricsPort: number | undefined;
  readonly dashboard: DashboardConfig;
  readonly alertWebhookUrl: string | undefined;
  readonly log: LogConfig;
  /** Folder of the embedded stack's data. */
  readonly home: string;
  /** Mode of the `m1 up` that runs on this machine; undefined when none does. */
  readonly stackMode: StackMode | undefined;
  /** Whether that one collects from another address than ByBit's own. */
  readonly stackOverridden: boolean;
}

export interface LoadConfigOptions extends EnvironmentOptions {
  /** Finds the running stack. @default its state file below `home` */
  readonly readStack?: (home: string) => StackFile | undefined;
}

/**
 * Reads the configuration. Per server: environment, then `.env`, then a running `m1 up`, then the
 * default. A server counts as named as soon as one of its variables is set, so that settings of two
 * different servers are never mixed.
 *
 * @throws WrongUse with all faults in one line, without secrets
 */
export function loadConfig(options: LoadConfigOptions = {}): Config {
  const environment = readEnvironment(options);
  const parsed = parseVariables(environment.values);
  const faults: string[] = parsed.ok ? [] : [...parsed.faults];
  const home = stackHome(environment.values);
  const stack = collect(faults, () => (options.readStack ?? readStackFile)(home));
  const temporal = collect(faults, () => resolveTemporal(environment, stack));
  if (!parsed.ok || temporal === undefined || faults.length > 0) {
    throw new WrongUse(`wrong configuration: ${faults.join('; ')}`);
  }
  const { variables } = parsed;
  const postgres = resolvePostgres(variables, environment, stack);
  return {
    venue: resolveVenue(variables, postgres.origin === 'm1 up' ? stack : undefined),
    postgres,
    redis: resolveRedis(variables, environment, stack),
    temporal: { ...temporal, uiUrl: variables.TEMPORAL_UI_URL ?? temporal.uiUrl },
    gapReaskMs: variables.GAP_REASK,
    retentionMs: variables.RETENTION,
    metricsHost: variables.METRICS_HOST,
    metricsPort: variables.METRICS_PORT,
    dashboard: {
      host: variables.DASHBOARD_HOST,
      port: variables.DASHBOARD_PORT,
      token: variables.DASHBOARD_TOKEN,
    },
    alertWebhookUrl: variables.ALERT_WEBHOOK_URL,
    log: { level: variables.LOG_LEVEL, format: variables.LOG_FORMAT },
    home,
    stackMode: stack?.mode,
    stackOverridden: stack?.overridden === true,
  };
}

function collect<T>(faults: string[], read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    faults.push(reasonOf(error));
    return undefined;
  }
}
