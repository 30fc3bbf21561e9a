import { fail, ok, type Check } from './check.js';

/** The oldest Node that M1 runs on. */
const OLDEST = { major: 20, minor: 19 } as const;

/** @param version as `process.versions.node` gives it */
export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const old = major < OLDEST.major || (major === OLDEST.major && minor < OLDEST.minor);
  return old
    ? fail('Node', `${version} is too old: install ${OLDEST.major}.${OLDEST.minor} or newer`)
    : ok('Node', version);
}
