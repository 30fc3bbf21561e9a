import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { StreamPairs, StreamStatus, SymbolsChange } from '../domain/stream.js';
import { STREAM_LIVE_SIGNAL } from '../domain/workflow-names.js';

export const statusQuery = defineQuery<StreamStatus>('status');
/** Follows other pairs; the sockets of the new set are live before those of the old one close. */
export const setSymbolsUpdate = defineUpdate<SymbolsChange, [StreamPairs]>('setSymbols');
/**
 * Replaces the running activity by a new one, which opens its sockets first. Answers how often that
 * has been done.
 */
export const rotateUpdate = defineUpdate<number>('rotate');
/** From the activity: data flows. */
export const liveSignal = defineSignal<[generation: number]>(STREAM_LIVE_SIGNAL);
