import { Worker } from '@temporalio/worker';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { HISTORIES } from './record-history.js';

const BUNDLE = fileURLToPath(new URL('../../dist/workflow-bundle.js', import.meta.url));
const FILES = readdirSync(HISTORIES).filter((file) => file.endsWith('.json'));

describe('recorded histories', () => {
  it('are there', () => {
    expect(FILES.length).toBeGreaterThan(0);
  });

  it.each(FILES)('%s replays with the workflows of now', async (file) => {
    const history: unknown = JSON.parse(readFileSync(path.join(HISTORIES, file), 'utf8'));
    await Worker.runReplayHistory(
      { workflowBundle: { codePath: BUNDLE } },
      history,
      path.basename(file, '.json'),
    );
  });
});
