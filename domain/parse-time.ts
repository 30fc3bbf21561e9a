const ISO =
  /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3})\d*)?)?(Z|[+-]\d{2}:\d{2}))?$/;

const MINUTE_MS = 60_000;

/**
 * Milliseconds since 1970 of a date (midnight UTC) or of a moment with `Z` or an offset. Local times
 * are refused, because they would mean something else on another machine; so are dates that do not
 * exist, which `Date` would silently move.
 *
 * @returns undefined when `text` is none of these
 */
export function parseTimeMs(text: string): number | undefined {
  const match = ISO.exec(text.trim());
  if (match === null) return undefined;
  const [, date = '', hour = '00', minute = '00', second = '00', fraction = '', zone] = match;
  const written = `${date}T${hour}:${minute}:${second}.${fraction.padEnd(3, '0')}Z`;
  const time = new Date(written);
  // a day or an hour that does not exist is either no date at all, or comes back as another one
  if (Number.isNaN(time.getTime()) || time.toISOString() !== written) return undefined;
  const offsetMs = parseOffsetMs(zone);
  return offsetMs === undefined ? undefined : time.getTime() - offsetMs;
}

function parseOffsetMs(zone: string | undefined): number | undefined {
  if (zone === undefined || zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4, 6));
  if (hours > 14 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * MINUTE_MS;
}
