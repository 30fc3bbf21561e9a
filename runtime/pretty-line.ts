/** Fields that have a place of their own in a line. */
const PLACED = new Set(['time', 'level', 'part', 'msg', 'err']);

/**
 * One JSON log line as a line for people: `09:30:00.123 warn  worker: text  key=value`.
 * A stack trace follows only when the line carries one.
 */
export function prettyLine(jsonLine: string): string {
  const fields = parseFields(jsonLine);
  if (fields === undefined) return jsonLine;
  const time = text(fields['time']).slice(11, 23);
  const part = fields['part'] === undefined ? '' : `${text(fields['part'])}: `;
  const rest = Object.entries(fields)
    .filter(([name]) => !PLACED.has(name))
    .map(([name, value]) => `  ${name}=${text(value)}`)
    .join('');
  const head = `${time} ${text(fields['level']).padEnd(5)} ${part}${text(fields['msg'])}${rest}`;
  return `${head}${errorText(fields['err'], text(fields['level']))}\n`;
}

function errorText(error: unknown, level: string): string {
  if (typeof error !== 'object' || error === null) return '';
  const { message, stack } = error as { message?: unknown; stack?: unknown };
  const withStack = (level === 'debug' || level === 'fatal') && typeof stack === 'string';
  return withStack ? `\n${stack}` : `  cause=${text(message)}`;
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined ? '' : JSON.stringify(value);
}

function parseFields(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
