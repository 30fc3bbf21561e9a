/** Names as long as the venue's, none of them the canary's. */
export function symbolNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `B${String(i).padStart(4, '0')}USDT`);
}
