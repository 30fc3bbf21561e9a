import { routeHash, type ViewName } from './router.js';

/** Writes what a view shows into the address, without opening the view again. */
export function keepInHash(
  view: ViewName,
  values: Readonly<Record<string, string | number | undefined>>,
): void {
  history.replaceState(null, '', routeHash(view, values));
}
