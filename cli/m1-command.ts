import { Command } from 'clipanion';
import { reportFailure } from './report-failure.js';

/** The groups of `m1 --help`. */
export const CATEGORY = {
  data: 'Data',
  local: 'Local servers',
  services: 'Services and upkeep',
} as const;

/**
 * A command of `m1`. Results go to stdout, all else to stderr. Files of commands import nothing
 * heavy: what a command needs is loaded when it runs, so that `--help` answers at once.
 */
export abstract class M1Command extends Command {
  /** Does the work. @returns the exit code */
  protected abstract run(): Promise<number>;

  async execute(): Promise<number> {
    try {
      return await this.run();
    } catch (error) {
      return reportFailure(error, this.context);
    }
  }

  /** Writes a result to stdout. */
  protected print(text: string): void {
    this.context.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  }

  /** Writes a JSON document, the only thing on stdout, for `--json`. */
  protected printJson(document: unknown): void {
    this.context.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  }

  /** Tells the user something that is not a result. */
  protected say(line: string): void {
    this.context.stderr.write(`${line}\n`);
  }
}
