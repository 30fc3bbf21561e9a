/*
 * A stream without a venue, for tests of the commands: the messages of the real workflow, and an
 * activity whose figures the test chooses.
 */
import {
  ApplicationFailure,
  defineQuery,
  defineUpdate,
  proxyActivities,
  setHandler,
} from '@temporalio/workflow';
import type {
  StreamPairs,
  StreamRequest,
  StreamStatus,
  SymbolsChange,
} from '../../../domain/stream.js';

const LISTED = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'];

const { runStream } = proxyActivities<{ runStream: (task: object) => Promise<void> }>({
  taskQueue: 'm1-bybit-stream',
  startToCloseTimeout: '1h',
  heartbeatTimeout: '5s',
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
});

export async function streamWorkflow({
  request,
}: {
  readonly request: StreamRequest;
}): Promise<void> {
  const startedAtMs = Date.now();
  let pairs = request.pairs;
  let symbols = choose(pairs);
  setHandler(defineQuery<StreamStatus>('status'), (): StreamStatus => ({
    ...{ phase: 'connecting', source: 'simulated', pairs, symbols, startedAtMs, rotations: 0 },
  }));
  setHandler(defineUpdate<SymbolsChange, [StreamPairs]>('setSymbols'), (wanted): SymbolsChange => {
    const before = symbols;
    symbols = choose(wanted);
    pairs = wanted;
    const added = symbols.filter((symbol) => !before.includes(symbol));
    return { added, removed: before.filter((symbol) => !symbols.includes(symbol)), symbols };
  });
  // ends as cancelled once the activity has closed its sockets
  await runStream({});
}

function choose(pairs: StreamPairs): readonly string[] {
  if (pairs.kind === 'top') return LISTED.slice(0, pairs.count);
  const unknown = pairs.symbols.filter((symbol) => !LISTED.includes(symbol));
  if (unknown.length === 0) return pairs.symbols;
  throw ApplicationFailure.nonRetryable(
    `unknown symbols: ${unknown.join(', ')} (nearest: BTCUSDT)`,
    'WrongUse',
  );
}
