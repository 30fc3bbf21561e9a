const COUNT = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** `1,234,567`. */
export function formatCount(count: number): string {
  return COUNT.format(count);
}

/** `850`, `12.3k`, `4.5M`, `1.2B`: where columns must not grow. */
export function formatShort(count: number): string {
  if (count < 10_000) return formatCount(count);
  if (count < 1_000_000) return `${trim(count / 1_000)}k`;
  if (count < 1_000_000_000) return `${trim(count / 1_000_000)}M`;
  if (count < 1_000_000_000_000) return `${trim(count / 1_000_000_000)}B`;
  return `${trim(count / 1_000_000_000_000)}T`;
}

function trim(number: number): string {
  return number < 100 ? number.toFixed(1) : number.toFixed(0);
}

/** `7 s`, `3 min 20 s`, `2 h 5 min`, `4 d 3 h`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 10 && seconds > 0 && seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 86_400)
    return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`;
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3_600)} h`;
}

/** `2026-01-31 08:05`, UTC. */
export function formatMinute(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 16).replace('T', ' ');
}

/** `2026-01-31T08:05:00Z`: for JSON, without the milliseconds that candles never have. */
export function isoSeconds(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
}

/** `1 candle`, `2 candles`. */
export function plural(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${formatCount(count)} ${pluralOf(noun)}`;
}

function pluralOf(noun: string): string {
  if (noun === 'series') return noun;
  return noun.endsWith('ch') ? `${noun}es` : `${noun}s`;
}

/** Cuts to `width` columns, with an ellipsis. For text without escape codes. */
export function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/** `A, B and 3 more`: names the first `named` of them. */
export function symbolsText(symbols: readonly string[], named: number): string {
  const rest = symbols.length - named;
  const names = symbols.slice(0, named).join(', ');
  return rest > 0 ? `${names} and ${rest} more` : names;
}
