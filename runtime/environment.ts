import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'dotenv';
import { WrongUse } from '../domain/failure.js';

/** Variables that have a value, and which of them come from the file `.env`. */
export interface Environment {
  readonly values: Readonly<Record<string, string>>;
  readonly fromFile: ReadonlySet<string>;
}

export interface EnvironmentOptions {
  /** @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Folder of the file `.env`. @default the working folder */
  readonly folder?: string;
}

/**
 * The environment over the file `.env`, variable by variable. An empty value counts as unset, since
 * that is what `${NAME:-}` in a compose file gives. `process.env` itself is never changed.
 *
 * @throws WrongUse when `.env` exists and cannot be read
 */
export function readEnvironment(options: EnvironmentOptions = {}): Environment {
  const given = withoutEmpty(options.env ?? process.env);
  const file = withoutEmpty(readDotEnv(options.folder ?? process.cwd()));
  const fromFile = new Set(Object.keys(file).filter((name) => given[name] === undefined));
  return { values: { ...file, ...given }, fromFile };
}

function readDotEnv(folder: string): Record<string, string> {
  const file = path.join(folder, '.env');
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return {};
    throw new WrongUse(
      `${file} cannot be read (${code ?? 'unknown reason'}): correct or remove it`,
    );
  }
}

function withoutEmpty(
  variables: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const filled: Record<string, string> = {};
  for (const [name, value] of Object.entries(variables)) {
    const text = value?.trim();
    if (text !== undefined && text !== '') filled[name] = text;
  }
  return filled;
}
