// The timers of one machine: named entries of a table, not callbacks.

/**
 * A handful of named deadlines. A machine keeps one, asks it for the earliest, and takes out what is due.
 * Two entries due at the same moment come out in the order of their names' first use.
 */
export class TimerTable<Name extends string> {
  readonly #deadlines = new Map<Name, number>();

  /** Sets or moves one timer to `at`, in monotonic milliseconds. */
  set(name: Name, at: number): void {
    this.#deadlines.set(name, at);
  }

  clear(name: Name): void {
    this.#deadlines.delete(name);
  }

  clearAll(): void {
    this.#deadlines.clear();
  }

  at(name: Name): number | undefined {
    return this.#deadlines.get(name);
  }

  isSet(name: Name): boolean {
    return this.#deadlines.has(name);
  }

  get size(): number {
    return this.#deadlines.size;
  }

  /** The earliest deadline, or undefined where no timer is set. */
  nextAt(): number | undefined {
    let earliest: number | undefined;
    for (const at of this.#deadlines.values()) if (earliest === undefined || at < earliest) earliest = at;
    return earliest;
  }

  /** Removes and returns the earliest timer that is due, or undefined. Call until it returns undefined. */
  takeDue(now: number): Name | undefined {
    let due: Name | undefined;
    let dueAt = Number.POSITIVE_INFINITY;
    for (const [name, at] of this.#deadlines) {
      if (at <= now && at < dueAt) {
        due = name;
        dueAt = at;
      }
    }
    if (due !== undefined) this.#deadlines.delete(due);
    return due;
  }
}
