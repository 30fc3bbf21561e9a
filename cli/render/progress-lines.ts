import type { RunningSymbol } from '../../domain/backfill.js';
import { SIMULATED_SOURCE } from '../../domain/source.js';
import { runShare, runTotals, symbolShare, type RunState } from '../../steering/run-state.js';
import { clip, formatCount, formatSeconds, formatShort, plural } from './format.js';

/** Space for drawing, in columns and rows. */
export interface Space {
  readonly width: number;
  readonly height: number;
}

/** Colours a part of a line; the identity where colours are off. */
export interface Palette {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly green: (text: string) => string;
  readonly red: (text: string) => string;
  readonly yellow: (text: string) => string;
}

const NAME_WIDTH = 14;
const TIMEFRAMES_WIDTH = 17;
const FIGURES_WIDTH = 24;
const MIN_BAR = 8;
const MAX_BAR = 40;

/** Lines below the symbols: "more", the totals and the figures; and one that stays free. */
const OTHER_LINES = 4;

/** The live view of a run: a bar for each symbol under way and one for the whole, in `space`. */
export function progressLines(state: RunState, space: Space, palette: Palette): string[] {
  const { progress, live } = state;
  // the last column stays free: some terminals wrap a line that fills it
  const width = Math.max(20, space.width - 1);
  const lines = state.notice === undefined ? [] : [palette.yellow(clip(state.notice, width))];
  if (progress === undefined) return lines;
  if (progress.phase === 'planning') {
    return [...lines, clip('planning: reading the venue and what is stored already', width)];
  }
  const fitting = Math.max(0, space.height - OTHER_LINES - lines.length);
  const shown = progress.running.slice(0, fitting);
  const hidden = progress.running.length - shown.length;
  return [
    ...lines,
    ...shown.map((symbol) => symbolLine(symbol, live.get(symbol.symbol)?.candles, width, palette)),
    ...(hidden > 0 ? [palette.dim(clip(`and ${formatCount(hidden)} more under way`, width))] : []),
    totalLine(state, width, palette),
    palette.dim(clip(figuresLine(state), width)),
  ];
}

function symbolLine(
  { symbol, timeframes, candles: planned }: RunningSymbol,
  stored: number | undefined,
  width: number,
  palette: Palette,
): string {
  const name = clip(symbol, NAME_WIDTH).padEnd(NAME_WIDTH);
  const frames = clip(timeframes.join(' '), TIMEFRAMES_WIDTH).padEnd(TIMEFRAMES_WIDTH);
  const figures = `${stored === undefined ? '?' : formatShort(stored)} of ${formatShort(planned)}`;
  const share = symbolShare(stored ?? 0, planned);
  const room = width - NAME_WIDTH - TIMEFRAMES_WIDTH - FIGURES_WIDTH - 3;
  if (room < MIN_BAR) return clip(`${name} ${percent(share)} ${figures}`, width);
  return `${name} ${palette.dim(frames)} ${bar(share, room, palette)} ${percent(share)} ${figures}`;
}

function totalLine(state: RunState, width: number, palette: Palette): string {
  const share = runShare(state);
  const label = phaseLabel(state).padEnd(NAME_WIDTH);
  const symbols = state.progress?.symbols ?? { done: 0, total: 0 };
  const figures = `${formatCount(symbols.done)} of ${formatCount(symbols.total)} symbols`;
  const frames = ' '.repeat(TIMEFRAMES_WIDTH);
  const room = width - NAME_WIDTH - TIMEFRAMES_WIDTH - FIGURES_WIDTH - 3;
  if (room < MIN_BAR) return clip(`${label} ${percent(share)} ${figures}`, width);
  return `${palette.bold(label)} ${frames} ${bar(share, room, palette)} ${percent(share)} ${figures}`;
}

function phaseLabel({ progress }: RunState): string {
  const phase = progress?.phase ?? 'planning';
  return phase === 'running' || phase === 'draining' ? 'all symbols' : phase;
}

/** Candles, rates, time left and failures: one line without colour, also used without a terminal. */
export function figuresLine(state: RunState): string {
  const { candles, requests } = runTotals(state);
  const { pace, progress } = state;
  const paused = progress?.phase === 'paused';
  const failed = progress?.failed.length ?? 0;
  return [
    `${simulatedMark(progress?.source)}${plural(candles, 'candle')}`,
    ...(pace === undefined ? [] : [`${formatCount(pace.candlesPerSecond)} candles/s`]),
    ...(pace === undefined
      ? [plural(requests, 'request')]
      : [`${pace.requestsPerSecond.toFixed(1)} requests/s`]),
    ...(pace?.secondsLeft === undefined || paused
      ? []
      : [`about ${formatSeconds(pace.secondsLeft)} left`]),
    ...(failed === 0 ? [] : [`${formatCount(failed)} series failed`]),
  ].join(', ');
}

/** Stands before figures of made-up data. */
export function simulatedMark(source: string | undefined): string {
  return source === SIMULATED_SOURCE ? 'SIMULATED ' : '';
}

/** The state in one line for a log: no bars, no colours. */
export function plainLine(state: RunState): string {
  const { progress } = state;
  if (progress === undefined) return 'waiting for the run to begin';
  if (progress.phase === 'planning') return 'planning';
  const { done, total } = progress.symbols;
  const phase = progress.phase === 'running' ? '' : `${progress.phase}: `;
  const share = percent(runShare(state)).trim();
  return `${phase}${share} ${formatCount(done)} of ${formatCount(total)} symbols, ${figuresLine(state)}`;
}

function percent(share: number): string {
  // 100 % means finished, so nothing is rounded up to it
  return `${Math.floor(share * 100)} %`.padStart(5);
}

function bar(share: number, room: number, palette: Palette): string {
  const width = Math.min(room, MAX_BAR);
  const full = Math.floor(share * width);
  return palette.green('█'.repeat(full)) + palette.dim('░'.repeat(width - full));
}
