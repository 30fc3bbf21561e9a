import type { Overview } from '../api.js';
import { Api } from './api/api.js';
import { Client } from './api/client.js';
import { TokenKeeper } from './api/token-keeper.js';
import { faultText } from './app/fault-text.js';
import { createHeader, part, VIEW_TITLES } from './app/header.js';
import { startPoll } from './app/poll.js';
import { parseRoute, type ViewName } from './app/router.js';
import { ServerClock } from './app/server-clock.js';
import type { OpenView } from './app/view.js';
import { openCandles } from './candles/candles-view.js';
import { openCoverage } from './coverage-grid/coverage-view.js';
import { openHealth } from './health/health-view.js';
import { openRuns } from './runs/runs-view.js';
import { openTickers } from './tickers/tickers-view.js';

const OVERVIEW_EVERY_MS = 5_000;

const VIEWS: Readonly<Record<ViewName, OpenView>> = {
  coverage: openCoverage,
  candles: openCandles,
  tickers: openTickers,
  runs: openRuns,
  health: openHealth,
};

const header = createHeader();
const stage = part('stage');
const clock = new ServerClock();
const onReach = (reached: boolean): void => header.setReached(reached);
const api = new Api(new Client({ tokens: new TokenKeeper(), onReach }));
let opened: AbortController | undefined;

function openView(): void {
  opened?.abort();
  opened = new AbortController();
  const route = parseRoute(location.hash);
  header.mark(route.view);
  document.title = `${VIEW_TITLES[route.view]} · M1`;
  const title = document.createElement('h1');
  title.textContent = VIEW_TITLES[route.view];
  stage.replaceChildren(title);
  VIEWS[route.view]({ api, clock, route, stage, signal: opened.signal });
}

function followOverview(signal: AbortSignal): void {
  startPoll({
    everyMs: OVERVIEW_EVERY_MS,
    signal,
    read: async () => {
      const overview: Overview = await api.overview(signal);
      clock.set(overview.nowMs);
      header.show(overview);
    },
    onDone: (error) => {
      // views tell their own faults; this one has no place of its own but the header's
      const fault = faultText(error);
      if (fault !== undefined) part('totals').textContent = fault;
    },
  });
}

window.addEventListener('hashchange', () => {
  openView();
  // the next Tab starts in the new view
  stage.focus({ preventScroll: true });
  window.scrollTo(0, 0);
});
part('skip-link').addEventListener('click', (event) => {
  // its hash would be taken for a view
  event.preventDefault();
  stage.focus();
});
followOverview(new AbortController().signal);
openView();
