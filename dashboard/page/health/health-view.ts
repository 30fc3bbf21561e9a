import type { Health } from '../../api.js';
import { tellFault } from '../app/fault-text.js';
import { startPoll } from '../app/poll.js';
import type { ViewContext } from '../app/view.js';
import { el } from '../dom/element.js';
import { createNotice } from '../dom/notice.js';
import { gapCard, lagCard } from './data-cards.js';
import { budgetCard, serverCard, streamCard, workerCard } from './system-cards.js';

const EVERY_MS = 4_000;

/** Whether the parts of the system are up, and how far the data is behind. */
export function openHealth({ api, clock, stage, signal }: ViewContext): void {
  const notice = createNotice();
  const cards = el('div', { class: 'cards health' }, el('p', {}, 'Reading …'));
  stage.append(notice.element, cards);
  const show = (health: Health): void => {
    cards.replaceChildren(
      serverCard(health.servers),
      workerCard(health.workers),
      streamCard(health.stream),
      budgetCard(health.budget, clock.nowMs()),
      lagCard(health.lag),
      gapCard(health),
    );
  };
  startPoll({
    everyMs: EVERY_MS,
    signal,
    read: async () => show(await api.health(signal)),
    onDone: (error) => tellFault(notice, error),
  });
}
