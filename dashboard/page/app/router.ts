export const VIEW_NAMES = ['coverage', 'candles', 'tickers', 'runs', 'health'] as const;

export type ViewName = (typeof VIEW_NAMES)[number];

export interface Route {
  readonly view: ViewName;
  readonly query: URLSearchParams;
}

/** The route of a `location.hash`, like `#/candles?symbol=BTCUSDT`. An unknown one is the first view. */
export function parseRoute(hash: string): Route {
  const [name = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const view = VIEW_NAMES.find((known) => known === name) ?? VIEW_NAMES[0];
  return { view, query: new URLSearchParams(query) };
}

/** The hash of a route; values that are undefined or empty are left out. */
export function routeHash(
  view: ViewName,
  values: Readonly<Record<string, string | number | undefined>> = {},
): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== '') query.set(name, String(value));
  }
  const text = query.toString();
  return text === '' ? `#/${view}` : `#/${view}?${text}`;
}
