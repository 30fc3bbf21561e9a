/** @param untilMs local clock, ms since 1970 */
export function banText(untilMs: number): string {
  // rounded up: nothing is asked before
  const time = new Date(Math.ceil(untilMs / 1000) * 1000).toISOString().slice(11, 19);
  return `ByBit has banned this IP: nothing is asked before ${time} UTC`;
}
