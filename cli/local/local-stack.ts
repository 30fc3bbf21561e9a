import { WrongUse } from '../../domain/failure.js';
import type { Config } from '../../runtime/config.js';
import { dashboardUrl, refuseWithoutToken } from '../../runtime/dashboard-address.js';
import { freePort } from '../../runtime/free-port.js';
import type { Shutdown } from '../../runtime/shutdown.js';
import { stackFilePath, type StackFile, type StackMode } from '../../runtime/stack-file.js';
import type { StackAddresses } from '../../stack/stack.js';
import { print, say, type CommandIo } from '../io.js';
import { chooseMode } from './choose-mode.js';
import { migrate } from './migrate.js';
import { dashboardChild, simulatorAddress, simulatorChild, workerChild } from './stack-children.js';

/** A stack to work with. */
export interface LocalStack {
  readonly file: StackFile;
  /** False when another process runs it, which must outlive this command. */
  readonly started: boolean;
}

/** Another `m1 up` that is just starting may have to build Temporal first, ms. */
const OTHER_START_TIMEOUT_MS = 900_000;

const SIMULATOR_PORT = 8900;

/**
 * Starts the servers and a worker, or attaches to the stack that runs already. What is started is
 * stopped by the shutdown.
 *
 * @throws WrongUse when the stack that runs is of another mode than `asked`
 */
export async function openLocalStack(
  config: Config,
  asked: StackMode | undefined,
  shutdown: Shutdown,
  io: CommandIo,
): Promise<LocalStack> {
  const { findRunningStack, waitForRunningStack } = await import('../../stack/running-stack.js');
  const { StackAlreadyRunningError } = await import('../../stack/stack.js');
  const running = findRunningStack(config.home);
  if (running !== undefined) return attach(running, asked, io);
  const { mode, line } = await chooseMode(asked, config.venue);
  try {
    print(io, [line]);
    return { file: await start(config, mode, shutdown, io), started: true };
  } catch (error) {
    if (!(error instanceof StackAlreadyRunningError)) throw error;
    say(io, `process ${error.pid ?? 'unknown'} is just starting a stack: waiting for it`);
    const other = await waitForRunningStack(config.home, OTHER_START_TIMEOUT_MS);
    if (other === undefined) throw error;
    return attach(other, asked, io);
  }
}

function attach(file: StackFile, asked: StackMode | undefined, io: CommandIo): LocalStack {
  if (asked !== undefined && asked !== file.mode) {
    throw new WrongUse(
      `a ${file.mode} stack runs already: stop it with m1 down, or drop --${asked}`,
    );
  }
  const live = file.overridden === true ? 'override' : 'live';
  const what = file.mode === 'simulated' ? 'SIMULATED' : live;
  print(io, [`${what}: attached to the stack that process ${file.owner.pid} runs`]);
  return { file, started: false };
}

async function start(
  config: Config,
  mode: StackMode,
  shutdown: Shutdown,
  io: CommandIo,
): Promise<StackFile> {
  refuseWithoutToken(config.dashboard);
  const { startStack } = await import('../../stack/stack.js');
  const { postgres, temporal, home } = config;
  const log = (line: string): void => say(io, line);
  log('starting the servers and a worker');
  const simulator =
    mode === 'simulated' ? simulatorAddress(await freePort(SIMULATOR_PORT)) : undefined;
  const dashboardPort = await freePort(config.dashboard.port);
  const dashboard = { url: dashboardUrl({ ...config.dashboard, port: dashboardPort }) };
  const own = {
    postgres: isOwn(postgres),
    redis: isOwn(config.redis),
    temporal: isOwn(temporal),
  };
  const stack = await startStack({
    home,
    mode,
    overridden: mode === 'live' && config.venue.overrides.length > 0,
    log,
    external: externalServers(config),
    ...(simulator === undefined ? {} : { simulator }),
    dashboard,
    migrate: ({ postgres: address }) =>
      migrate(own.postgres ? { ...address, origin: 'm1 up' } : postgres, log),
    children: (addresses) => [
      ...(simulator === undefined ? [] : [simulatorChild(simulator)]),
      workerChild({ addresses, own, temporal, simulator }),
      dashboardChild(dashboard.url, dashboardPort),
    ],
    signal: shutdown.signal,
  });
  shutdown.add('the stack', () => stack.stop());
  return stack.file;
}

/** The stack starts those servers that neither the environment nor `.env` names. */
function isOwn({ origin }: { origin: Config['postgres']['origin'] }): boolean {
  return origin === 'm1 up' || origin === 'default';
}

function externalServers({ postgres, redis, temporal }: Config): Partial<StackAddresses> {
  const { host, port, db, password } = redis;
  const { address, namespace, uiUrl } = temporal;
  return {
    ...(!isOwn(postgres) && {
      postgres: {
        host: postgres.host,
        port: postgres.port,
        user: postgres.user,
        password: postgres.password ?? '',
        database: postgres.database,
      },
    }),
    ...(!isOwn(redis) && {
      redis: { host, port, db, ...(password !== undefined && { password }) },
    }),
    ...(!isOwn(temporal) && {
      temporal: { address, namespace, ...(uiUrl !== undefined && { uiUrl }) },
    }),
  };
}

/** Where everything is, for the user. A password is not shown: `home` has the file with it. */
export function stackLines(stack: StackFile, home: string): string[] {
  const { postgres, redis, temporal, simulator, dashboard } = stack;
  const secret = postgres.password === '' ? '' : `, password in ${stackFilePath(home)}`;
  return [
    ...(dashboard === undefined ? [] : [`Dashboard   ${dashboard.url}`]),
    `PostgreSQL  ${postgres.host}:${postgres.port}, database ${postgres.database}, user ${postgres.user}${secret}`,
    `Redis       ${redis.host}:${redis.port}`,
    `Temporal    ${temporal.address}${temporal.uiUrl === undefined ? '' : `, Web UI ${temporal.uiUrl}`}`,
    ...(simulator === undefined ? [] : [`Simulator   ${simulator.restUrl}`]),
  ];
}
