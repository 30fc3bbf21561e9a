import type { RepairBody, RepairPreview } from '../../api.js';
import { formatSeconds, plural } from '../../../domain/format.js';
import type { Api } from '../api/api.js';
import { faultText } from '../app/fault-text.js';
import { el } from '../dom/element.js';
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
  const attempt = async (button: HTMLButtonElement, work: () => Promise<void>): Promise<void> => {
    button.disabled = true;
    try {
      await work();
    } catch (error) {
      notice.warn(faultText(error) ?? 'The server does not answer: try again');
    } finally {
      button.disabled = false;
    }
  };
  preview.addEventListener('click', () => {
    void attempt(preview, async () => {
      const answer = await api.previewRepair(ranges);
      notice.say(previewText(answer));
      repair.hidden = answer.gaps === 0;
      if (!repair.hidden) repair.focus();
    });
  });
  repair.addEventListener('click', () => {
    void attempt(repair, async () => {
      await api.repair(ranges);
      notice.say('The repair run asks for them now; the gaps above close as candles arrive.');
      repair.hidden = true;
      preview.focus();
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
