import type { Definition } from 'clipanion';

/** What can be typed after the words of a command. */
export interface CompletedCommand {
  /** `gaps check` is two. */
  readonly words: readonly string[];
  readonly options: readonly CompletedOption[];
}

export interface CompletedOption {
  /** All spellings, `--json` or `-h` and `--help`. */
  readonly names: readonly string[];
  readonly takesValue: boolean;
}

const HELP: CompletedOption = { names: ['--help'], takesValue: false };

/**
 * The commands and options of the parser's own definitions.
 *
 * @param binaryName the first word of each definition's path
 */
export function commandsOf(
  definitions: readonly Definition[],
  binaryName: string,
): readonly CompletedCommand[] {
  return definitions.map(({ path, options }) => ({
    words: path.split(' ').filter((word) => word !== binaryName),
    options: [
      // the parser writes `-n,--name` for two spellings and `--name #0` for one with a value
      ...options.map(({ definition }) => ({
        names: (definition.split(' ')[0] ?? '').split(','),
        takesValue: definition.includes(' #'),
      })),
      HELP,
    ],
  }));
}
