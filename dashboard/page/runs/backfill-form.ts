import type { BackfillBody, ListedRun } from '../../api.js';
import { isTimeframe, TIMEFRAMES } from '../../../domain/timeframe.js';
import type { Api } from '../api/api.js';
import { attempt } from '../app/attempt.js';
import { el } from '../dom/element.js';
import { createNotice } from '../dom/notice.js';
import { FollowedRun } from './followed-run.js';
import { parseSymbols } from './parse-symbols.js';
import { symbolFault } from './symbol-fault.js';

const TOP = 50;
const DAYS = 90;

export interface BackfillForm {
  readonly element: HTMLElement;
  /** Whether a run that it has started may end at any moment. */
  readonly isWaiting: () => boolean;
  /** Tells beside the form how the run that it has started ended. */
  readonly look: (runs: readonly ListedRun[]) => void;
}

/** Starts a backfill; `query` of the address may hold `symbols`, `timeframe`, `from` and `to`. */
export function createBackfillForm(
  api: Api,
  query: URLSearchParams,
  onStarted: () => void,
): BackfillForm {
  const symbols = query.get('symbols') ?? '';
  const only = query.get('timeframe');
  const bySymbols = symbols !== '';
  const notice = createNotice();
  const followed = new FollowedRun();
  const submit = el('button', { class: 'primary' }, 'Start the backfill');
  const top = radio('top', !bySymbols);
  const named = radio('symbols', bySymbols);
  const topField = number('count', TOP, 1000, 'How many top pairs');
  const namesField = el('input', {
    name: 'names',
    value: symbols,
    placeholder: 'BTCUSDT ETHUSDT',
    'aria-label': 'Symbols',
    autocomplete: 'off',
    spellcheck: 'false',
  });
  namesField.addEventListener('focus', () => (named.checked = true));
  topField.addEventListener('focus', () => (top.checked = true));
  const form = el(
    'form',
    { class: 'backfill' },
    el(
      'fieldset',
      {},
      el('legend', {}, 'Pairs'),
      el('label', {}, top, ' the top'),
      topField,
      el('label', {}, named, ' these'),
      namesField,
    ),
    el(
      'fieldset',
      {},
      el('legend', {}, 'Timeframes'),
      ...TIMEFRAMES.map((timeframe) =>
        timeframeBox(timeframe, only === null || only === timeframe),
      ),
    ),
    spanField(query),
    el('div', { class: 'buttons' }, submit),
    notice.element,
  );
  namesField.addEventListener('change', () => {
    namesField.value = namesField.value.toUpperCase();
  });
  const start = async (): Promise<void> => {
    const body = bodyOf(new FormData(form));
    const fault = body.symbols && symbolFault(body.symbols);
    if (fault !== undefined) {
      notice.warn(fault);
      namesField.focus();
      return;
    }
    const run = await api.startBackfill(body);
    notice.say(run.joined ? `${run.workflowId} runs already` : `Started ${run.workflowId}`);
    followed.follow(run);
    onStarted();
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void attempt(submit, notice, start);
  });
  return {
    element: form,
    isWaiting: () => followed.isEarly,
    look: (runs) => {
      const outcome = followed.look(runs);
      if (outcome === undefined) return;
      if (['warn', 'bad'].includes(outcome.kind)) notice.warn(outcome.text);
      else notice.say(outcome.text);
    },
  };
}

function bodyOf(data: FormData): BackfillBody {
  const timeframes = data.getAll('timeframe').map(String).filter(isTimeframe);
  const common = { timeframes, ...spanOf(data) };
  return data.get('pairs') === 'top'
    ? { top: Number(data.get('count')), ...common }
    : { symbols: parseSymbols(textOf(data, 'names')), ...common };
}

function spanOf(data: FormData): Pick<BackfillBody, 'days' | 'from' | 'to'> {
  const [from, to] = [textOf(data, 'from'), textOf(data, 'to')];
  if (from === '') return { days: Number(data.get('days')) };
  return to === '' ? { from } : { from, to };
}

function textOf(data: FormData, name: string): string {
  const value = data.get(name);
  return typeof value === 'string' ? value : '';
}

/** The days up to now, or where the address names them, these. */
function spanField(query: URLSearchParams): HTMLElement {
  const from = query.get('from');
  if (from === null) {
    const field = number('days', DAYS, 5000, 'Days');
    return el('label', { class: 'field' }, el('span', {}, 'Days'), field);
  }
  return el(
    'fieldset',
    {},
    el('legend', {}, 'Days'),
    el('label', {}, 'from ', date('from', from, true)),
    el('label', {}, 'to before ', date('to', query.get('to') ?? '', false)),
    el('span', { class: 'hint' }, 'empty: until now'),
  );
}

function date(name: string, value: string, required: boolean): HTMLInputElement {
  return el('input', { type: 'date', name, value, required });
}

function radio(value: string, checked: boolean): HTMLInputElement {
  return el('input', { type: 'radio', name: 'pairs', value, checked });
}

function number(name: string, value: number, max: number, label: string): HTMLInputElement {
  const limits = { min: 1, max, required: true };
  return el('input', { type: 'number', name, value, 'aria-label': label, ...limits });
}

function timeframeBox(value: string, checked: boolean): HTMLElement {
  return el(
    'label',
    {},
    el('input', { type: 'checkbox', name: 'timeframe', value, checked }),
    value,
  );
}
