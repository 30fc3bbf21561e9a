import type { ListedGap, RepairBody, RepairPreview } from '../../api.js';
import { formatSeconds, plural } from '../../../domain/format.js';
import { UNPROVED_KINDS } from '../../../domain/gap.js';
import type { Api } from '../api/api.js';
import { attempt } from '../app/attempt.js';
import { el } from '../dom/element.js';
import { passFocus } from '../dom/focus.js';
import { createNotice } from '../dom/notice.js';
import { repairOutcome } from './repair-outcome.js';

export interface Repair {
  readonly element: HTMLElement;
  /** Takes over a reading of all gaps in `ranges`, and tells what came of the repair once that is seen. */
  look(gaps: readonly ListedGap[]): void;
}

/** Repairs what is missing in `ranges`, after it was shown what that takes. */
export function createRepair(
  api: Api,
  ranges: RepairBody['ranges'],
  onRepaired: () => void,
): Repair {
  let known: readonly ListedGap[] | undefined;
  let asked: readonly ListedGap[] | undefined;
  const notice = createNotice();
  const preview = el('button', {}, 'Repair …');
  const repair = el('button', { class: 'primary', hidden: true }, 'Repair now');
  const offer = (): void => {
    repair.hidden = false;
    passFocus(preview, repair);
  };
  const withdraw = (): void => {
    passFocus(repair, preview);
    repair.hidden = true;
  };
  preview.addEventListener('click', () => {
    void attempt(preview, notice, async () => {
      const answer = await api.previewRepair(ranges);
      notice.say(previewText(answer));
      if (answer.gaps > 0) offer();
      else withdraw();
    });
  });
  repair.addEventListener('click', () => {
    void attempt(repair, notice, async () => {
      const before = known?.filter(({ kind }) => UNPROVED_KINDS.includes(kind));
      await api.repair(ranges);
      asked = before?.length === 0 ? undefined : before;
      notice.say('The repair run asks for them now; the gaps above close as candles arrive.');
      withdraw();
      onRepaired();
    });
  });
  const buttons = el('div', { class: 'buttons' }, preview, repair);
  return {
    element: el('section', { class: 'repair' }, notice.element, buttons),
    look: (gaps) => {
      known = gaps;
      const outcome = asked && repairOutcome(asked, gaps);
      if (outcome === undefined) return;
      asked = undefined;
      notice.say(outcome);
    },
  };
}

/** `2 gaps, 30 candles: 1 request, about 2 s`. */
function previewText({ gaps, candles, requests, seconds }: RepairPreview): string {
  if (gaps === 0) return 'There is no gap to ask for again in what is selected.';
  const what = `${plural(gaps, 'gap')}, ${plural(candles, 'candle')}`;
  return `${what}: ${plural(requests, 'request')}, about ${formatSeconds(seconds)}.`;
}
