import { createHash, randomBytes } from 'node:crypto';
import { lstat, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { reasonOf, WrongUse } from '../../domain/failure.js';

/** The name of the manifest of a file. */
export function manifestName(file: string): string {
  return `${file}.manifest.json`;
}

/**
 * Only a regular file gives way, and only when `force` says so.
 *
 * @throws WrongUse when the file or its manifest is there
 */
export async function refuseExisting(file: string, force: boolean): Promise<void> {
  for (const name of [file, manifestName(file)]) {
    const found = await lstat(name).catch(() => undefined);
    if (found === undefined) continue;
    if (!found.isFile()) throw new WrongUse(`--output ${name} is no regular file`);
    if (!force) throw new WrongUse(`${name} exists: name another --output, or use --force`);
  }
}

/** A file that has its name only once all of it is on the disk. */
export class TargetFile {
  readonly #file: string;
  readonly #part: string;
  readonly #handle: FileHandle;
  readonly #hash = createHash('sha256');

  private constructor(file: string, part: string, handle: FileHandle) {
    this.#file = file;
    this.#part = part;
    this.#handle = handle;
  }

  /** Begins a file beside the one of that name. @throws WrongUse when it cannot be */
  static async begin(file: string): Promise<TargetFile> {
    const part = `${file}.${randomBytes(4).toString('hex')}.part`;
    try {
      return new TargetFile(file, part, await open(part, 'wx'));
    } catch (error) {
      throw new WrongUse(`--output ${file} cannot be written (${reasonOf(error)})`);
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes);
    await this.#named(this.#handle.appendFile(bytes));
  }

  /** Gives the file its name. @returns its SHA-256, hexadecimal */
  async publish(): Promise<string> {
    await this.#named(this.#handle.sync());
    await this.#named(this.#handle.close());
    await rename(this.#part, this.#file);
    return this.#hash.digest('hex');
  }

  /** Leaves nothing behind. */
  async discard(): Promise<void> {
    await this.#handle.close();
    await rm(this.#part, { force: true });
  }

  /** A full disk says nothing of the file that was written. */
  async #named(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      throw new Error(
        `${this.#file} could not be written (${reasonOf(error)}): free space, or name another --output`,
        { cause: error },
      );
    }
  }
}

/** Writes a short file whole. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const target = await TargetFile.begin(file);
  try {
    await target.write(Buffer.from(text));
    await target.publish();
  } catch (error) {
    await target.discard();
    throw error;
  }
}
