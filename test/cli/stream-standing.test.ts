import { defaultPayloadConverter } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import type { StreamFigures } from '../../domain/stream.js';
import { judgeDetached } from '../../cli/stream/detach-stream.js';
import { newestActivity, type PendingActivity } from '../../steering/read-standing.js';
import { streamDocument } from '../../cli/stream/stream-document.js';
import {
  hasBeenLive,
  NOTHING_KNOWN,
  streamWord,
  whyUnreachable,
  type StreamStanding,
} from '../../steering/stream-standing.js';
import { activity, FIGURES, standing, STATUS, UNREACHABLE } from './stream-samples.js';

function inPhase(phase: typeof STATUS.phase, part: Partial<StreamStanding> = {}): StreamStanding {
  return standing({ status: { ...STATUS, phase }, ...part });
}

function withFigures(figures: StreamFigures | undefined): StreamStanding {
  return inPhase('connecting', { activity: activity({ figures }) });
}

describe('what a stream does, in a word', () => {
  it.each<[StreamStanding, string]>([
    [NOTHING_KNOWN, 'waiting for an answer'],
    [inPhase('planning', { activity: undefined }), 'planning'],
    [inPhase('connecting', { activity: undefined }), 'connecting'],
    [withFigures(undefined), 'connecting'],
    [withFigures(FIGURES), 'live'],
    [withFigures(UNREACHABLE), 'reconnecting'],
    [inPhase('live'), 'live'],
    [inPhase('rotating'), 'rotating'],
    [inPhase('rotating', { activity: activity({ figures: UNREACHABLE }) }), 'reconnecting'],
    [inPhase('stopping'), 'stopping'],
    [inPhase('live', { activity: activity({ started: false }) }), 'waiting for a worker'],
    [
      inPhase('live', { activity: activity({ started: false, lastFailure: 'heartbeat timeout' }) }),
      'starting again',
    ],
    [standing({ answered: false }), 'not answering'],
    [standing({ answered: false, status: undefined }), 'waiting for an answer'],
  ])('%#: %o', (known, word) => {
    expect(streamWord(known)).toBe(word);
  });
});

describe('a stream that cannot connect', () => {
  it('is one whose first attempt failed', () => {
    expect(whyUnreachable(withFigures(UNREACHABLE))).toBe('connect ECONNREFUSED 127.0.0.1:1');
  });

  it.each<[string, StreamStanding]>([
    ['one that is connecting', withFigures({ ...UNREACHABLE, state: 'connecting' })],
    ['one of which a connection lives', withFigures({ ...UNREACHABLE, liveConnections: 1 })],
    ['one that had data', withFigures({ ...UNREACHABLE, tickersWritten: 1 })],
    ['one without a cause yet', withFigures({ ...UNREACHABLE, lastError: undefined })],
    ['one without figures', withFigures(undefined)],
  ])('is not %s', (_case, known) => {
    expect(whyUnreachable(known)).toBeUndefined();
  });

  it('is none that was live by the word of either source', () => {
    expect(hasBeenLive(inPhase('live', { activity: activity({ figures: UNREACHABLE }) }))).toBe(
      true,
    );
    expect(hasBeenLive(inPhase('live', { activity: undefined }))).toBe(true);
    expect(hasBeenLive(withFigures(FIGURES))).toBe(true);
    expect(hasBeenLive(withFigures(undefined))).toBe(false);
  });
});

describe('a stream that is to be left alone', () => {
  it.each<[string, StreamStanding, boolean, number, string]>([
    ['runs when it is live', withFigures(FIGURES), false, 500, 'runs'],
    ['runs when it ran before', withFigures(UNREACHABLE), true, 0, 'runs'],
    ['is waited for while it connects', withFigures(undefined), false, 9_999, 'wait'],
    ['runs when it connects for long', withFigures(undefined), false, 10_000, 'runs'],
    ['is unreachable after a failure', withFigures(UNREACHABLE), false, 3_000, 'unreachable'],
    [
      'is waited for while planning',
      inPhase('planning', { activity: undefined }),
      false,
      30_000,
      'wait',
    ],
    ['is late in the end', inPhase('planning', { activity: undefined }), false, 60_000, 'late'],
  ])('%s', (_case, known, joined, waitedMs, kind) => {
    expect(judgeDetached(known, joined, waitedMs).kind).toBe(kind);
  });

  it('says that it goes on while it changes over', () => {
    expect(judgeDetached(inPhase('rotating'), true, 0)).toEqual({
      kind: 'runs',
      text: 'the stream goes on while it opens connections for the new pairs',
    });
  });
});

describe('the activity among those that are pending', () => {
  const pending = (
    name: string,
    scheduledSeconds: number,
    figures?: Partial<StreamFigures>,
    state = 2,
  ): PendingActivity => ({
    activityType: { name },
    state,
    scheduledTime: { seconds: scheduledSeconds },
    lastHeartbeatTime: { seconds: 10, nanos: 500_000_000 },
    ...(figures === undefined
      ? {}
      : { heartbeatDetails: { payloads: [defaultPayloadConverter.toPayload(figures)] } }),
  });

  it('is the newest that has told figures', () => {
    const [old, fresh] = [pending('runStream', 1, { gaps: 1 }), pending('runStream', 2)];
    expect(newestActivity([fresh, old])).toMatchObject({ started: true, figures: { gaps: 1 } });
    const told = pending('runStream', 3, { gaps: 2 });
    expect(newestActivity([old, told])).toMatchObject({
      figures: { gaps: 2 },
      heartbeatAtMs: 10_500,
    });
    expect(newestActivity([fresh])).toMatchObject({ started: true, figures: undefined });
  });

  it('is none that only chooses symbols', () => {
    expect(newestActivity([pending('planStream', 9)])).toBeUndefined();
    expect(newestActivity([])).toBeUndefined();
  });

  it('tells whether a worker has it, and why it ended before', () => {
    const waiting = {
      ...pending('runStream', 1, FIGURES, 1),
      lastFailure: { message: 'activity Heartbeat timeout\nmore' },
    };
    expect(newestActivity([waiting])).toMatchObject({
      started: false,
      lastFailure: 'activity Heartbeat timeout',
    });
  });
});

describe('the JSON of a stream', () => {
  it('has figures by names of its own, null for what is not known', () => {
    const figures = { ...FIGURES, lagMs: undefined };
    expect(streamDocument(standing({ activity: activity({ figures }) }))).toMatchObject({
      state: 'live',
      source: 'bybit',
      symbols: ['BTCUSDT', 'ETHUSDT'],
      figures: { connections: 2, lag_p50_ms: null, tickers_dropped: 3, last_error: null },
    });
    expect(streamDocument(NOTHING_KNOWN)).toMatchObject({ source: null, figures: null });
  });
});
