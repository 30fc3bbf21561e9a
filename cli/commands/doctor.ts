import { Command, Option } from 'clipanion';
import { CATEGORY, M1Command } from '../m1-command.js';

/** `m1 doctor`: finds what is wrong with the set-up. */
export class DoctorCommand extends M1Command {
  static override paths = [['doctor']];

  static override usage = Command.Usage({
    category: CATEGORY.services,
    description: 'check the set-up and say what to do',
    details: `
      Looks at Node, the configuration, PostgreSQL, Redis, Temporal, the worker and the disk. Exits with
      1 when something failed.

      \`--venue\` asks ByBit too, twice over REST and once over WebSocket, beside the budget of the
      workers: whether it answers or refuses this network, how far this machine's clock is off, and
      what is left of the request budget. During a ban REST is not asked.
    `,
    examples: [
      ['All servers', '$0 doctor'],
      ['And ByBit itself', '$0 doctor --venue'],
    ],
  });

  venue = Option.Boolean('--venue', false, { description: 'also ask the configured ByBit' });
  json = Option.Boolean('--json', false, { description: 'print one JSON document' });

  protected async run(): Promise<number> {
    const { runDoctor } = await import('../doctor/run-doctor.js');
    return runDoctor({ venue: this.venue, json: this.json }, this.context);
  }
}
