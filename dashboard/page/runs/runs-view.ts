import type { ListedRun, RunAction } from '../../api.js';
import { faultText, tellFault } from '../app/fault-text.js';
import { startPoll } from '../app/poll.js';
import type { ViewContext } from '../app/view.js';
import { confirmed } from '../dom/confirm.js';
import { el } from '../dom/element.js';
import { command, emptyState } from '../dom/empty.js';
import { createNotice } from '../dom/notice.js';
import { createBackfillForm } from './backfill-form.js';
import { lastEndedFirst } from './last-ended-first.js';
import { endedItem, RunCard } from './run-card.js';

const EVERY_MS = 3_000;

/** While somebody waits for what a button does, ms. */
const SOON_MS = 1_000;

const ASKED: Readonly<Record<RunAction, string>> = {
  pause: 'is asked to pause: pages under way are finished first',
  resume: 'is asked to go on',
  cancel: 'is asked to stop: what it has stored stays',
};

/** What runs now and what has ended, with the means to steer it. */
export function openRuns({ api, clock, route, stage, signal }: ViewContext): void {
  const cards = new Map<string, RunCard>();
  const faults = createNotice();
  const said = createNotice();
  const running = el('ul', { class: 'cards' });
  const none = el('div', {}, el('p', {}, 'Reading …'));
  const ended = el('tbody');
  const endedPart = el('section', { hidden: true }, el('h2', {}, 'Ended'), endedTable(ended));
  const wantsForm = route.query.get('start') === 'backfill';
  const backfill = createBackfillForm(api, route.query, () => poll.now());
  const form = el(
    'details',
    { class: 'card', open: wantsForm },
    el('summary', {}, 'Start a backfill'),
    backfill.element,
  );
  let shownEnded = '';

  const act = async (run: ListedRun, action: RunAction, card: RunCard): Promise<void> => {
    const question = `Cancel ${run.workflowId}? What it has stored stays.`;
    if (action === 'cancel' && !(await confirmed(question, 'Cancel the run'))) return;
    card.asked(action);
    try {
      await api.steer(run.workflowId, action);
      said.say(`${run.workflowId} ${ASKED[action]}`);
      poll.now();
    } catch (error) {
      card.refused();
      said.warn(faultText(error) ?? 'The server does not answer: try again');
    }
  };
  const cardOf = (run: ListedRun): RunCard => {
    const known = cards.get(run.runId);
    if (known !== undefined) return known;
    const card: RunCard = new RunCard(run, (action) => void act(run, action, card));
    cards.set(run.runId, card);
    return card;
  };
  const showRunning = (runs: readonly ListedRun[]): void => {
    const wanted = runs.map((run) => {
      const card = cardOf(run);
      card.update(run, clock.nowMs());
      return card.element;
    });
    const same = wanted.every((element, index) => running.children[index] === element);
    if (!same || running.children.length !== wanted.length) running.replaceChildren(...wanted);
    const ids = new Set(runs.map(({ runId }) => runId));
    for (const id of cards.keys()) if (!ids.has(id)) cards.delete(id);
    if (runs.length > 0) none.replaceChildren();
    else if (none.firstElementChild?.className !== 'empty') none.replaceChildren(nothingRuns());
  };
  const showEnded = (runs: readonly ListedRun[]): void => {
    endedPart.hidden = runs.length === 0;
    const text = JSON.stringify(runs);
    // an unchanged table keeps its focus
    if (text === shownEnded) return;
    shownEnded = text;
    ended.replaceChildren(...runs.map(endedItem));
  };

  const isWaiting = (): boolean =>
    backfill.isWaiting() || [...cards.values()].some((card) => card.isWaiting);

  const poll = startPoll({
    everyMs: EVERY_MS,
    signal,
    read: async () => {
      const { runs } = await api.runs(signal);
      backfill.look(runs);
      showRunning(runs.filter((run) => run.closedAtMs === undefined));
      showEnded(lastEndedFirst(runs));
    },
    onDone: (error) => {
      tellFault(faults, error);
      // somebody watches for it: also after a reading that was slow
      if (isWaiting()) setTimeout(() => poll.now(), SOON_MS);
    },
  });
  stage.append(
    form,
    said.element,
    faults.element,
    el('section', {}, el('h2', {}, 'Running'), none, running),
    endedPart,
  );
}

function endedTable(body: HTMLElement): HTMLElement {
  const heads = ['Run', 'Status', 'Ended', 'Took', 'What it did'];
  const head = el('tr', {}, ...heads.map((title) => el('th', { scope: 'col' }, title)));
  return el(
    'div',
    { class: 'table-frame', tabindex: 0, role: 'region', 'aria-label': 'Ended runs' },
    el('table', { class: 'ended' }, el('thead', {}, head), body),
  );
}

function nothingRuns(): HTMLElement {
  return emptyState(
    'Nothing runs.',
    'Start a backfill above, or keep everything up to date by ',
    command('npx m1 collect --top 50'),
  );
}
