import { Command, Option } from 'clipanion';
import { EXIT } from '../exit-codes.js';
import { CATEGORY, M1Command } from '../m1-command.js';
import { requireWholeNumber } from '../parse-number.js';

/** `m1 runs list`. */
export class RunsListCommand extends M1Command {
  static override paths = [['runs', 'list']];

  static override usage = Command.Usage({
    category: CATEGORY.data,
    description: 'list the runs, those going on first',
    details: 'Of each Schedule (sync, freshness, retention) only the last run is listed.',
    examples: [
      ['The newest', '$0 runs list'],
      ['As JSON', '$0 runs list --limit 100 --json'],
    ],
  });

  limit = Option.String('--limit', '20', {
    description: 'how many at most, besides those of Schedules (default 20)',
  });
  json = Option.Boolean('--json', false, { description: 'print one JSON document' });

  protected async run(): Promise<number> {
    const limit = requireWholeNumber('--limit', this.limit, { min: 1, max: 1000 });
    const { loadConfig } = await import('../../runtime/config.js');
    const { withTemporal } = await import('../runs/temporal-session.js');
    const { listRuns } = await import('../../steering/list-runs.js');
    const { runEntry, runTable, simulatedBanner } = await import('../render/run-table.js');
    const config = loadConfig({ env: this.context.env });
    const runs = await withTemporal(config, (temporal) => listRuns(temporal, { limit }));
    const nowMs = Date.now();
    if (this.json) this.printJson({ runs: runs.map((run) => runEntry(run, nowMs)) });
    else this.print([...simulatedBanner(config), ...runTable(runs, nowMs)].join('\n'));
    return EXIT.done;
  }
}
