import { Worker } from '@temporalio/worker';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { HISTORIES } from './record-history.js';

const BUNDLE = fileURLToPath(new URL('../../dist/workflow-bundle.js', import.meta.url));
const FILES = readdirSync(HISTORIES).filter((file) => file.endsWith('.json'));

/** What the test reads of a history as the `temporal` command prints it. */
interface RecordedHistory {
  readonly events: readonly {
    readonly workflowExecutionStartedEventAttributes?: { readonly workflowId: string };
  }[];
}

describe('recorded histories', () => {
  it('are there', () => {
    expect(FILES.length).toBeGreaterThan(0);
  });

  it.each(FILES)('%s replays with the workflows of now', async (file) => {
    const history = JSON.parse(readFileSync(path.join(HISTORIES, file), 'utf8')) as RecordedHistory;
    const started = history.events[0]?.workflowExecutionStartedEventAttributes;
    await Worker.runReplayHistory(
      { workflowBundle: { codePath: BUNDLE } },
      history,
      // ids of children are made from it
      started?.workflowId,
    );
  });
});
