import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';

/** How a command ended. */
export interface CommandResult {
  readonly ok: boolean;
  readonly stdout: string;
  /** The last line that it wrote to stderr, or why it could not be run. */
  readonly reason: string;
}

/** The options of {@link runCommand}. */
export interface CommandOptions {
  readonly timeoutMs: number;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  readonly signal?: AbortSignal;
}

const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/** Runs a command to its end; a failure is a result, not an exception. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const { timeoutMs, ...rest } = options;
  return new Promise((resolve) => {
    execFile(
      command,
      args,
      { ...rest, timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: MAX_OUTPUT_BYTES },
      (error, stdout, stderr) => {
        const lastLine = stderr.trim().split('\n').at(-1) ?? '';
        const reason =
          error?.killed === true
            ? `no answer within ${timeoutMs / 1000} s`
            : lastLine || (error?.message ?? '');
        resolve({ ok: error === null, stdout, reason });
      },
    );
  });
}

/** The first executable file of this name on PATH, or undefined. */
export function findOnPath(name: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const folders = (env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => path.join(folder, name)).find(isExecutable);
}

/** True when the path is a file that this process may execute. */
export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
