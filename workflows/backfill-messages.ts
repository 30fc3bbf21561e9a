import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { BackfillProgress } from '../domain/backfill.js';

/** Starts no further symbol and stops those under way after the pages in flight. */
export const pauseUpdate = defineUpdate('pause');
export const resumeUpdate = defineUpdate('resume');
/** Symbols at once, 1 to 64, rejected outside. Returns what was in force before. */
export const setConcurrencyUpdate = defineUpdate<number, [concurrency: number]>('setConcurrency');
export const progressQuery = defineQuery<BackfillProgress>('progress');

/** Parent to child: stop after the pages in flight, or go on. */
export const setPausedSignal = defineSignal<[paused: boolean]>('setPaused');
