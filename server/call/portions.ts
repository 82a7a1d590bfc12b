// Work on many things, some at a time.

/** @returns the results in the order of the items; rejects as the first work that does */
export async function inPortions<Item, Result>(
  items: readonly Item[],
  size: number,
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (let done = 0; done < items.length; done += size) {
    results.push(...(await Promise.all(items.slice(done, done + size).map(work))));
  }
  return results;
}
