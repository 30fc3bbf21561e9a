/**
 * How to call the program where `m1` itself may not be on the PATH: npm tells its command to what npx and
 * npm run start. Stands behind the first commands that are named to the user; empty without npm.
 */
export function npxHint(env: Readonly<Record<string, string | undefined>>): string {
  return env['npm_command'] === undefined ? '' : ' (in a clone: npx m1 ...)';
}
