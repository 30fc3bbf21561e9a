import type { Api } from '../api/api.js';
import type { ServerClock } from './server-clock.js';
import type { Route } from './router.js';

/** What every view is given. */
export interface ViewContext {
  readonly api: Api;
  readonly clock: ServerClock;
  readonly route: Route;
  /** Where the view is shown, empty. */
  readonly stage: HTMLElement;
  /** Aborts when another view takes its place: everything that the view has started ends with it. */
  readonly signal: AbortSignal;
}

export type OpenView = (context: ViewContext) => void;
