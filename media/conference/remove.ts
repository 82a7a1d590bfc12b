// Lists of a room that change by the beat.

/** Takes an item out of a list, where it is in it. */
export function remove<Item>(items: Item[], item: Item): void {
  const index = items.indexOf(item);
  if (index >= 0) items.splice(index, 1);
}
