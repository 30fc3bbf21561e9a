import { CancellationScope, condition } from '@temporalio/workflow';

export interface SymbolPoolOptions<Item> {
  readonly items: readonly Item[];
  /** Read before each start, so that an update changes it at once; 0 pauses. */
  readonly limit: () => number;
  /** True: start nothing more and return when what runs has ended. */
  readonly draining: () => boolean;
  readonly work: (item: Item) => Promise<void>;
}

/**
 * Works through `items` in order with a limit that may change while it runs. Ends only when all
 * that was started has ended, also when it fails or is cancelled.
 *
 * @returns how many items were started, all of them finished
 * @throws the first error of `work`, after the others were cancelled
 */
export async function runSymbolPool<Item>(options: SymbolPoolOptions<Item>): Promise<number> {
  const { items, limit, draining, work } = options;
  const scope = new CancellationScope();
  let next = 0;
  let active = 0;
  let failure: { readonly error: unknown } | undefined;
  const run = async (item: Item): Promise<void> => {
    try {
      await scope.run(() => work(item));
    } catch (error) {
      failure ??= { error };
    } finally {
      active--;
    }
  };
  const allStarted = (): boolean => next >= items.length || draining();
  const mayStart = (): boolean => !allStarted() && active < limit();
  try {
    for (;;) {
      await condition(() => failure !== undefined || mayStart() || (allStarted() && active === 0));
      if (failure !== undefined) throw failure.error;
      const item = mayStart() ? items[next] : undefined;
      if (item === undefined) return next;
      next++;
      active++;
      void run(item);
    }
  } catch (error) {
    scope.cancel();
    await CancellationScope.nonCancellable(() => condition(() => active === 0));
    throw error;
  }
}
