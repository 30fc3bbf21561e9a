import { fork, type ChildProcess } from 'node:child_process';

interface Question {
  readonly id: number;
  readonly name: string;
  readonly value: unknown;
}

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/**
 * A program of this folder in a process of its own. `P` says what it can be asked, a property each, with
 * the question (`ask`) and the answer (`reply`).
 */
export class BenchProcess<P> {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #lastId = 0;

  /**
   * @param file beside this one
   * @param nodeOptions for example `--cpu-prof`
   */
  constructor(file: string, nodeOptions: readonly string[] = []) {
    this.#child = fork(new URL(file, import.meta.url), [], {
      execArgv: [...nodeOptions],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child.on('message', (answer: Answer) => {
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
    this.#child.once('exit', (code, signal) => {
      const error = `${file} ended with ${signal ?? String(code)}`;
      for (const [id, take] of this.#waiting) take({ id, error });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** @throws what the process says went wrong, or that it has ended */
  ask<Name extends keyof P & string>(name: Name, value: AskOf<P, Name>): Promise<ReplyOf<P, Name>> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ value: reply, error }) => {
        if (error === undefined) resolve(reply as ReplyOf<P, Name>);
        else reject(new Error(error));
      });
      this.#child.send({ id, name, value } satisfies Question, (error) => {
        if (error === null) return;
        this.#waiting.delete(id);
        reject(error);
      });
    });
  }

  /** Lets it end, which it does when nobody talks to it any more. Never fails. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = new Promise((resolve) => this.#child.once('exit', resolve));
    if (this.#child.connected) this.#child.disconnect();
    await exited;
  }
}

type AskOf<P, Name extends keyof P> = P[Name] extends { readonly ask: infer Ask } ? Ask : never;
type ReplyOf<P, Name extends keyof P> = P[Name] extends { readonly reply: infer Reply }
  ? Reply
  : never;

export type Handlers<P> = {
  readonly [Name in keyof P]: (
    value: AskOf<P, Name>,
  ) => ReplyOf<P, Name> | Promise<ReplyOf<P, Name>>;
};

/** The child's side: answers until its parent is gone, however that ended. */
export function answerParent<P>(handlers: Handlers<P>): void {
  const byName = handlers as Readonly<Record<string, (value: unknown) => unknown>>;
  const answer = async ({ id, name, value }: Question): Promise<Answer> => {
    try {
      return { id, value: await byName[name]?.(value) };
    } catch (error) {
      return { id, error: String(error) };
    }
  };
  process.on('message', (question: Question) => {
    void answer(question).then((reply) => process.send?.(reply));
  });
  process.once('disconnect', () => process.exit());
}
