import type { ListedRun, RunAction, RunProgress } from '../../api.js';
import { formatMinute, formatSeconds, plural } from '../../../domain/format.js';
import { RateMeter } from '../../../domain/rate-meter.js';
import { el, setText } from '../dom/element.js';
import { setWaiting } from '../dom/focus.js';
import { outLink } from '../dom/link.js';
import { AskedOfRun, stateOf } from './asked-of-run.js';
import { endKind } from './end-kind.js';
import { paceText, progressText } from './run-words.js';

/** Troubles of a run that are listed at once. */
const MOST_TROUBLES = 5;

const ACTION_NAMES: Readonly<Record<RunAction, string>> = {
  pause: 'Pause',
  resume: 'Resume',
  cancel: 'Cancel …',
};

/** A run under way. Kept from reading to reading: its pace comes from two of them. */
export class RunCard {
  readonly element: HTMLElement;
  readonly #head: HTMLElement;
  readonly #state = el('span', { class: 'badge' });
  readonly #since = el('span', { class: 'hint' });
  readonly #details = el('p', { class: 'run-details' });
  readonly #bar = el('progress', { max: 1, value: 0 });
  readonly #numbers = el('p', { class: 'numbers' });
  readonly #troubles = el('ul', { class: 'troubles' });
  readonly #buttons = el('div', { class: 'buttons' });
  readonly #act: (action: RunAction) => void;
  readonly #asked = new AskedOfRun();
  #run: ListedRun;
  #meter = new RateMeter();
  #actions = '';

  constructor(run: ListedRun, act: (action: RunAction) => void) {
    this.#run = run;
    this.#act = act;
    this.#head = el('h3', {}, outLink(run.url, run.workflowId));
    this.element = el(
      'li',
      { class: 'card run' },
      el('div', { class: 'run-head' }, this.#head, this.#state, this.#since),
      this.#details,
      this.#bar,
      this.#numbers,
      this.#troubles,
      this.#buttons,
    );
  }

  /** Whether it was asked for something that it has not done yet. */
  get isWaiting(): boolean {
    return this.#asked.meanwhile !== undefined;
  }

  /** It was asked for something: nothing else can be asked until it has done that. */
  asked(action: RunAction): void {
    this.#asked.ask(action, this.#run);
    this.#showState();
  }

  /** What it was asked for was refused. */
  refused(): void {
    this.#asked.forget();
    this.#showState();
  }

  update(run: ListedRun, nowMs: number): void {
    this.#run = run;
    this.#asked.look(run);
    setText(this.#since, `${run.kind}, for ${formatSeconds((nowMs - run.startedAtMs) / 1000)}`);
    setText(this.#details, run.details ?? '');
    this.#showProgress(run.progress);
    this.#showActions(run.actions);
    this.#showState();
  }

  #showState(): void {
    const { meanwhile } = this.#asked;
    setText(this.#state, meanwhile ?? stateOf(this.#run));
    const good = meanwhile === undefined && this.#run.phase !== 'paused';
    this.#state.dataset['kind'] = good ? 'good' : 'warn';
    for (const button of this.#buttons.children) setWaiting(button, meanwhile !== undefined);
  }

  #showProgress(progress: RunProgress | undefined): void {
    this.#bar.hidden = progress === undefined;
    if (progress === undefined) {
      // a pace that nobody can tell any more would be taken for the present one
      setText(this.#numbers, '');
      this.#troubles.replaceChildren();
      return;
    }
    const { share, candles, requests } = progress;
    // a pause must neither show the rate before it nor slow down the one after it
    if (this.#run.phase === 'paused') this.#meter = new RateMeter();
    else this.#meter.add({ atMs: performance.now(), candles, requests, share });
    this.#bar.value = share;
    this.#bar.setAttribute('aria-label', `${Math.floor(share * 100)} % done`);
    const texts = [
      `${Math.floor(share * 100)} %`,
      progressText(progress),
      paceText(this.#meter.pace()),
    ];
    setText(this.#numbers, texts.filter((text) => text !== '').join(' · '));
    this.#troubles.replaceChildren(...troubleItems(progress));
  }

  #showActions(actions: readonly RunAction[]): void {
    // buttons that stay the same keep their focus
    if (actions.join() === this.#actions) return;
    this.#actions = actions.join();
    const buttons = actions.map((action) => this.#button(action));
    // what takes the place of a button takes over its focus
    const focused = [...this.#buttons.children].indexOf(document.activeElement ?? this.element);
    this.#buttons.replaceChildren(...buttons);
    buttons[focused]?.focus();
  }

  #button(action: RunAction): HTMLButtonElement {
    const button = el('button', {}, ACTION_NAMES[action]);
    button.addEventListener('click', () => {
      if (!this.isWaiting) this.#act(action);
    });
    return button;
  }
}

/** What a run that has ended has come to. */
export function endedItem(run: ListedRun): HTMLElement {
  const took = ((run.closedAtMs ?? run.startedAtMs) - run.startedAtMs) / 1000;
  return el(
    'tr',
    {},
    el('th', { scope: 'row' }, outLink(run.url, run.workflowId)),
    el('td', {}, el('span', { class: 'badge', 'data-kind': endKind(run) }, run.status)),
    el('td', {}, run.closedAtMs === undefined ? '' : formatMinute(run.closedAtMs)),
    el('td', {}, formatSeconds(took)),
    el('td', { class: 'wide' }, run.details ?? ''),
  );
}

function troubleItems({ retrying, failed }: RunProgress): readonly HTMLElement[] {
  const items = [
    ...retrying.map(
      ({ symbol, attempt, error }) => `${symbol}: attempt ${attempt} failed, ${error}`,
    ),
    ...failed.map(({ symbol, timeframe, reason }) => `${symbol} ${timeframe} failed: ${reason}`),
  ];
  const more = items.length - MOST_TROUBLES;
  return [
    ...items.slice(0, MOST_TROUBLES).map((text) => el('li', {}, text)),
    ...(more > 0 ? [el('li', { class: 'hint' }, `and ${plural(more, 'more failure')}`)] : []),
  ];
}
