import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** Whether a stack collects from the real ByBit or from the local simulator. */
export type StackMode = 'live' | 'simulated';

/** A process that cannot be mistaken for a later one that was given the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Boot and start time of the process, as the system tells them. */
  readonly started: string;
}

const identitySchema = z.object({ pid: z.number().int().positive(), started: z.string() });

const stackFileSchema = z.object({
  version: z.literal(1),
  mode: z.enum(['live', 'simulated']),
  /** True when `live` data comes from another address than ByBit's own. */
  overridden: z.boolean().optional(),
  /** False until the worker and what else belongs to the stack runs. */
  ready: z.boolean(),
  owner: identitySchema,
  startedAt: z.string(),
  postgres: z.object({
    host: z.string(),
    port: z.number(),
    user: z.string(),
    password: z.string(),
    database: z.string(),
  }),
  redis: z.object({
    host: z.string(),
    port: z.number(),
    /** Of a server that the stack was given; the one it starts itself has none. */
    password: z.string().optional(),
    db: z.number().optional(),
  }),
  temporal: z.object({ address: z.string(), namespace: z.string(), uiUrl: z.string().optional() }),
  simulator: z.object({ restUrl: z.string(), wsUrl: z.string() }).optional(),
  dashboard: z.object({ url: z.string() }).optional(),
});

/** What `m1 up` tells the other commands of this machine about the servers it runs. */
export type StackFile = Readonly<z.infer<typeof stackFileSchema>>;

/** Thrown when the stack file exists but cannot be understood. */
export class StackFileError extends Error {
  override readonly name = 'StackFileError';
}

/** The root folder of this clone: where package.json lies. */
export function cloneRoot(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(folder, 'package.json')) && path.dirname(folder) !== folder) {
    folder = path.dirname(folder);
  }
  return folder;
}

/**
 * Where the embedded stack of this clone keeps its data: `M1_HOME`, or a folder outside the clone
 * named after it, so that two clones never share a database.
 */
export function stackHome(env: NodeJS.ProcessEnv = process.env, clone = cloneRoot()): string {
  const given = env['M1_HOME'];
  if (given !== undefined && given !== '') return path.resolve(given);
  const name = `${path.basename(clone)}-${createHash('sha256').update(clone).digest('hex').slice(0, 8)}`;
  if (userInfo().uid === 0) return path.join('/var/lib/m1', name);
  const base = env['XDG_DATA_HOME'];
  const dataHome = base !== undefined && base !== '' ? base : path.join(homedir(), '.local/share');
  return path.join(dataHome, 'm1', name);
}

/** The path of the stack file below a home. */
export function stackFilePath(home: string): string {
  return path.join(home, 'stack.json');
}

/**
 * The stack that runs below `home`, or undefined when none does: the file of a stack whose owner
 * died counts as none. Throws {@link StackFileError} when the file is damaged.
 */
export function readStackFile(home: string): StackFile | undefined {
  const file = stackFilePath(home);
  const text = readIfThere(file);
  if (text === undefined) return undefined;
  const parsed = stackFileSchema.safeParse(parseJson(text));
  if (!parsed.success) {
    throw new StackFileError(`${file} is damaged: run m1 down, then m1 up`);
  }
  return isRunning(parsed.data.owner) ? parsed.data : undefined;
}

/** Writes the stack file in one step, readable by its owner only: it holds a password. */
export function writeStackFile(home: string, content: StackFile): void {
  const file = stackFilePath(home);
  const aside = `${file}.${process.pid}`;
  writeFileSync(aside, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(aside, file);
}

/** The identity of a running process, or undefined when there is none with this pid. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`);
  if (stat !== undefined) {
    // the name in parentheses may hold spaces; the fields after it are state (3) ... start time (22)
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return { pid, started: `${bootId()}:${fields[19] ?? ''}` };
  }
  if (existsSync('/proc/self/stat')) return undefined;
  const started = startTimeByPs(pid);
  return started === undefined ? undefined : { pid, started };
}

/** True while exactly this process runs, not another one with its pid. */
export function isRunning(identity: ProcessIdentity): boolean {
  return identifyProcess(identity.pid)?.started === identity.started;
}

function bootId(): string {
  return readIfThere('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
}

/** For systems without /proc (macOS). */
function startTimeByPs(pid: number): string | undefined {
  const { status, stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
    encoding: 'utf8',
  });
  return status === 0 && stdout.trim() !== '' ? stdout.trim() : undefined;
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
