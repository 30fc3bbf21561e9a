import { Command } from 'clipanion';
import { EXIT } from '../exit-codes.js';
import { CATEGORY, M1Command } from '../m1-command.js';

/** `m1 dashboard`: the web page. */
export class DashboardCommand extends M1Command {
  static override paths = [['dashboard']];

  static override usage = Command.Usage({
    category: CATEGORY.services,
    description: 'serve the web page: coverage, candles, live prices, runs, health',
    details: `
      Runs until SIGTERM or Ctrl-C; \`m1 up\` and \`m1 demo\` run one by themselves. It listens on
      DASHBOARD_HOST and DASHBOARD_PORT (127.0.0.1:8080). On an address that other machines can reach
      it needs DASHBOARD_TOKEN, which the page then asks for.

      Exit codes: 0 stopped, 1 the port is taken, 2 wrong configuration, or a token is needed.
    `,
    examples: [
      ['On this machine', '$0 dashboard'],
      ['In a container or a service', 'node dist/cli/main.js dashboard'],
    ],
  });

  protected async run(): Promise<number> {
    const { loadConfig } = await import('../../runtime/config.js');
    const { createLogger } = await import('../../runtime/logger.js');
    const { interruptible } = await import('../interrupt.js');
    const config = loadConfig({ env: this.context.env });
    const logger = createLogger(config.log, { part: 'dashboard' });
    const { startDashboard } = await import('../../dashboard/server.js');
    return interruptible(this.context, async (shutdown) => {
      const dashboard = await startDashboard({ config, logger });
      shutdown.add('the dashboard', () => dashboard.close());
      this.print(`dashboard: ${dashboard.url}`);
      await shutdown.requested();
      return EXIT.done;
    });
  }
}
