import type { RepairBody, RepairPreview } from '../../api.js';
import { formatSeconds, plural } from '../../../domain/format.js';
import type { Api } from '../api/api.js';
import { attempt } from '../app/attempt.js';
import { el } from '../dom/element.js';
import { passFocus } from '../dom/focus.js';
import { createNotice } from '../dom/notice.js';

/** Repairs what is missing in `ranges`, after it was shown what that takes. */
export function createRepair(
  api: Api,
  ranges: RepairBody['ranges'],
  onRepaired: () => void,
): HTMLElement {
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
      await api.repair(ranges);
      notice.say('The repair run asks for them now; the gaps above close as candles arrive.');
      withdraw();
      onRepaired();
    });
  });
  return el(
    'section',
    { class: 'repair' },
    notice.element,
    el('div', { class: 'buttons' }, preview, repair),
  );
}

/** `2 gaps, 30 candles: 1 request, about 2 s`. */
function previewText({ gaps, candles, requests, seconds }: RepairPreview): string {
  if (gaps === 0) return 'There is no gap to ask for again in what is selected.';
  const what = `${plural(gaps, 'gap')}, ${plural(candles, 'candle')}`;
  return `${what}: ${plural(requests, 'request')}, about ${formatSeconds(seconds)}.`;
}
