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
    `,
    examples: [['All checks', '$0 doctor']],
  });

  json = Option.Boolean('--json', false, { description: 'print one JSON document' });

  protected async run(): Promise<number> {
    const { runDoctor } = await import('../doctor/run-doctor.js');
    return runDoctor({ json: this.json }, this.context);
  }
}
