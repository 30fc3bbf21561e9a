import { promptToken } from './token-prompt.js';

const KEY = 'm1-dashboard-token';

/** The token of this tab, kept until the tab is closed. */
export class TokenKeeper {
  #asking: Promise<void> | undefined;

  current(): string | undefined {
    return sessionStorage.getItem(KEY) ?? undefined;
  }

  /** Asks for a token unless there is another one than the `refused` by now. */
  async ask(refused: string | undefined): Promise<void> {
    if (this.current() !== refused) return;
    this.#asking ??= promptToken(refused !== undefined)
      .then((token) => sessionStorage.setItem(KEY, token))
      .finally(() => (this.#asking = undefined));
    await this.#asking;
  }
}
