import { chromium, type Browser } from 'playwright-core';
import { findChromium } from '../../stack/find-chromium.js';

/** The browser of the machine, without a window. */
export async function openChromium(): Promise<Browser> {
  const executablePath = await findChromium({ log: (line) => process.stderr.write(`${line}\n`) });
  // root may not use the sandbox, and a container's /dev/shm is small
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}
