// Waits of a few fixed lengths, for very many owners: who starts first ends first, so each length is a plain queue.

/** What the queue keeps in its owners: it allocates nothing of its own. */
export interface Waiter<Owner> {
  /** When the wait ends. */
  waitAt: number;
  previousWaiter: Owner | undefined;
  nextWaiter: Owner | undefined;
  waitLine: WaitLine<Owner> | undefined;
}

/** Everybody who waits equally long. */
export interface WaitLine<Owner> {
  readonly lengthMs: number;
  first: Owner | undefined;
  last: Owner | undefined;
}

/** Starting and stopping a wait cost O(1). Times given to {@link WaitQueue.start} must never decrease. */
export class WaitQueue<Owner extends Waiter<Owner>> {
  readonly #lines: WaitLine<Owner>[] = [];

  /** Starts the owner's wait, or starts it anew. */
  start(owner: Owner, now: number, lengthMs: number): void {
    this.stop(owner);
    const line = this.#lineOf(lengthMs);
    owner.waitAt = now + lengthMs;
    owner.waitLine = line;
    owner.previousWaiter = line.last;
    if (line.last) line.last.nextWaiter = owner;
    else line.first = owner;
    line.last = owner;
  }

  stop(owner: Owner): void {
    const { waitLine, previousWaiter, nextWaiter } = owner;
    if (!waitLine) return;
    if (previousWaiter) previousWaiter.nextWaiter = nextWaiter;
    else waitLine.first = nextWaiter;
    if (nextWaiter) nextWaiter.previousWaiter = previousWaiter;
    else waitLine.last = previousWaiter;
    owner.waitLine = undefined;
    owner.previousWaiter = undefined;
    owner.nextWaiter = undefined;
  }

  nextAt(): number | undefined {
    return this.#earliest()?.waitAt;
  }

  /** Ends the wait that is due first, and returns its owner; undefined where none is due. */
  takeDue(now: number): Owner | undefined {
    const first = this.#earliest();
    if (!first || first.waitAt > now) return undefined;
    this.stop(first);
    return first;
  }

  #earliest(): Owner | undefined {
    let earliest: Owner | undefined;
    for (const { first } of this.#lines) {
      if (first && (!earliest || first.waitAt < earliest.waitAt)) earliest = first;
    }
    return earliest;
  }

  #lineOf(lengthMs: number): WaitLine<Owner> {
    const found = this.#lines.find((line) => line.lengthMs === lengthMs);
    if (found) return found;
    const added = { lengthMs, first: undefined, last: undefined };
    this.#lines.push(added);
    return added;
  }
}
