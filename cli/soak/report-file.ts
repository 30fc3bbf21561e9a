import { appendFileSync, writeFileSync } from 'node:fs';
import { reasonOf, WrongUse } from '../../domain/failure.js';
import { soakDocument } from './soak-document.js';
import type { SoakFindings } from './soak-findings.js';
import { soakMarkdown } from './soak-markdown.js';

/** Where the report of a soak goes: JSON when the name says so, else Markdown. */
export class ReportFile {
  readonly #path: string;

  /**
   * Tries the path, so that one that cannot be written is known before a day has passed. What is
   * there stays until the report is.
   *
   * @throws WrongUse
   */
  constructor(path: string) {
    this.#path = path;
    this.#try(() => appendFileSync(path, ''));
  }

  /** @throws WrongUse when it cannot be written any more */
  write(findings: SoakFindings): void {
    const isJson = this.#path.toLowerCase().endsWith('.json');
    const text = isJson
      ? `${JSON.stringify(soakDocument(findings), null, 2)}\n`
      : soakMarkdown(findings);
    this.#try(() => writeFileSync(this.#path, text));
  }

  #try(write: () => void): void {
    try {
      write();
    } catch (error) {
      throw new WrongUse(`--report ${this.#path} cannot be written (${reasonOf(error)})`);
    }
  }
}
