// Lets the Temporal SDK download its dev server into the folder given as the first argument.
// Run as a process of its own by stack/find-temporal.ts, which stops it when nothing arrives.
import { Runtime } from '@temporalio/worker';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { version } = JSON.parse(
  readFileSync(require.resolve('@temporalio/worker/package.json'), 'utf8'),
);

Runtime.install({
  logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} },
  shutdownSignals: [],
});
try {
  // the SDK has no "download only": the server is started on a free port and stopped at once
  const server = await Runtime.instance().createEphemeralServer({
    type: 'dev-server',
    exe: {
      type: 'cached-download',
      downloadDir: process.argv[2],
      version: 'default',
      ttl: 86_400_000,
      sdkName: 'sdk-typescript',
      sdkVersion: version,
    },
    ip: '127.0.0.1',
    port: null,
    ui: false,
    uiPort: null,
    namespace: 'default',
    dbFilename: null,
    log: { format: 'pretty', level: 'error' },
    extraArgs: [],
  });
  await Runtime.instance().shutdownEphemeralServer(server);
  process.exit(0);
} catch (error) {
  // the cause comes last, after several repetitions of the address
  process.stderr.write(`${String(error.message).split(': ').slice(-2).join(': ')}\n`);
  process.exit(1);
}
