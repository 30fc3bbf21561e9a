import { existsSync, rmSync, writeFileSync } from 'node:fs';
import type { FindOptions } from './cache-dir.js';
import { runCommand } from './run-command.js';

const APT_TIMEOUT_MS = 600_000;
// asked by Debian's maintainer scripts before they start a service; 101 means "do not"
const SERVICE_POLICY = '/usr/sbin/policy-rc.d';

/**
 * Installs a package as root, without starting the services that it brings.
 *
 * @returns why it could not be; empty when it could
 */
export async function aptInstall(name: string, options: FindOptions): Promise<string> {
  const install = ['install', '-y', '--no-install-recommends', name];
  return withoutServiceStart(async () => {
    const first = await apt(install, options);
    if (first.ok) return '';
    // an image without package lists, or lists so old that the package has moved
    const update = await apt(['update'], options);
    const second = await apt(install, options);
    return second.ok ? '' : second.reason || update.reason;
  });
}

function apt(args: readonly string[], options: FindOptions): ReturnType<typeof runCommand> {
  return runCommand('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=120', ...args], {
    timeoutMs: APT_TIMEOUT_MS,
    env: { ...process.env, ...options.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}

async function withoutServiceStart<T>(work: () => Promise<T>): Promise<T> {
  // a policy of the machine's owner stays; a container's says "do not" already
  const ours = !existsSync(SERVICE_POLICY);
  if (ours) writeFileSync(SERVICE_POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return await work();
  } finally {
    if (ours) rmSync(SERVICE_POLICY, { force: true });
  }
}
