/**
 * Runs `work` over `items`, at most `limit` at once, in order of start. After the first error
 * nothing more is started; what is under way is finished, so that its result is not lost.
 *
 * @returns the errors, first one first; empty when all went well
 */
export async function runPool<Item>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<void>,
): Promise<unknown[]> {
  const errors: unknown[] = [];
  let next = 0;
  const runner = async (): Promise<void> => {
    for (;;) {
      const item = items[next];
      if (item === undefined || errors.length > 0) return;
      next++;
      try {
        await work(item);
      } catch (error) {
        errors.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, runner));
  return errors;
}
