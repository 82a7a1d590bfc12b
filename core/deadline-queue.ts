// The deadlines of very many owners (transactions, legs): a binary heap that finds the earliest in no time.

interface Entry<Owner> {
  readonly owner: Owner;
  at: number;
  /** Ties go to who came first, so that a run can be replayed. */
  order: number;
  index: number;
}

/** One deadline an owner. Setting, moving and clearing cost O(log n); the earliest costs O(1). */
export class DeadlineQueue<Owner> {
  readonly #heap: Entry<Owner>[] = [];
  readonly #entries = new Map<Owner, Entry<Owner>>();
  #order = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** Sets or moves the owner's deadline; undefined clears it. */
  set(owner: Owner, at: number | undefined): void {
    const entry = this.#entries.get(owner);
    if (at === undefined) {
      if (entry) this.#remove(entry);
      return;
    }
    if (!entry) {
      const added = { owner, at, order: this.#order++, index: this.#heap.length };
      this.#entries.set(owner, added);
      this.#heap.push(added);
      this.#rise(added);
    } else if (entry.at !== at) {
      entry.at = at;
      entry.order = this.#order++;
      this.#rise(entry);
      this.#sink(entry);
    }
  }

  clear(owner: Owner): void {
    this.set(owner, undefined);
  }

  nextAt(): number | undefined {
    return this.#heap[0]?.at;
  }

  /** Removes and returns the owner whose deadline is the earliest and due, or undefined. */
  takeDue(now: number): Owner | undefined {
    const first = this.#heap[0];
    if (!first || first.at > now) return undefined;
    this.#remove(first);
    return first.owner;
  }

  #remove(entry: Entry<Owner>): void {
    this.#entries.delete(entry.owner);
    const last = this.#heap.pop();
    if (!last || last === entry) return;
    last.index = entry.index;
    this.#heap[last.index] = last;
    this.#rise(last);
    this.#sink(last);
  }

  #rise(entry: Entry<Owner>): void {
    while (entry.index > 0) {
      const parent = this.#heap[(entry.index - 1) >> 1];
      if (!parent || !isBefore(entry, parent)) return;
      this.#swap(entry, parent);
    }
  }

  #sink(entry: Entry<Owner>): void {
    for (;;) {
      const left = this.#heap[2 * entry.index + 1];
      const right = this.#heap[2 * entry.index + 2];
      const child = right && left && isBefore(right, left) ? right : left;
      if (!child || !isBefore(child, entry)) return;
      this.#swap(child, entry);
    }
  }

  #swap(a: Entry<Owner>, b: Entry<Owner>): void {
    const index = a.index;
    a.index = b.index;
    b.index = index;
    this.#heap[a.index] = a;
    this.#heap[b.index] = b;
  }
}

function isBefore<Owner>(a: Entry<Owner>, b: Entry<Owner>): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
