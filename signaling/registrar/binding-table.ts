// The bindings of all addresses-of-record, and when each one ends.
import { DeadlineQueue } from '../../core/index.ts';
import type { Flow } from '../transport/types.ts';
import type { Binding, BindingChange } from './types.ts';

/** A place in the table; the binding in it is replaced by every refresh. */
interface Slot {
  binding: Binding;
}

/** Adding, refreshing and removing cost no more with many bindings than with few; changes wait to be taken. */
export class BindingTable {
  readonly #slots = new Map<string, Slot[]>();
  readonly #deadlines = new DeadlineQueue<Slot>();
  readonly #byConnection = new Map<number, Set<Slot>>();
  #changes: BindingChange[] = [];

  get size(): number {
    return this.#deadlines.size;
  }

  /** Bindings of one address-of-record in the order of their first registration, expired ones included. */
  of(aor: string): readonly Binding[] {
    return this.#slots.get(aor)?.map((slot) => slot.binding) ?? [];
  }

  all(): readonly Binding[] {
    return [...this.#slots.values()].flatMap((slots) => slots.map((slot) => slot.binding));
  }

  /** Adds a binding, or replaces the one with its id. */
  put(binding: Binding): void {
    this.restore(binding);
    this.#changes.push({ kind: 'put', binding });
  }

  /** As {@link BindingTable.put}, for what is persisted already. */
  restore(binding: Binding): void {
    const slots = this.#slots.get(binding.aor) ?? [];
    if (slots.length === 0) this.#slots.set(binding.aor, slots);
    let slot = slots.find((other) => other.binding.id === binding.id);
    if (slot) {
      this.#unlink(slot);
      // A refresh only moves the end away: the queue learns of it when the old deadline comes, so it costs nothing now.
      if (binding.expiresAt < slot.binding.expiresAt) this.#deadlines.set(slot, binding.expiresAt);
      slot.binding = binding;
    } else {
      slot = { binding };
      slots.push(slot);
      this.#deadlines.set(slot, binding.expiresAt);
    }
    this.#link(slot);
  }

  remove(binding: Binding): void {
    const slots = this.#slots.get(binding.aor) ?? [];
    const index = slots.findIndex((slot) => slot.binding.id === binding.id);
    const [slot] = index < 0 ? [] : slots.splice(index, 1);
    if (!slot) return;
    if (slots.length === 0) this.#slots.delete(binding.aor);
    this.#deadlines.clear(slot);
    this.#unlink(slot);
    this.#changes.push({ kind: 'remove', id: binding.id, aor: binding.aor });
  }

  /** Bindings that were registered over a connection. */
  over(flow: Flow): readonly Binding[] {
    const slots = flow.connectionId === undefined ? undefined : this.#byConnection.get(flow.connectionId);
    return slots ? [...slots].map((slot) => slot.binding) : [];
  }

  nextTimeoutAt(): number | undefined {
    return this.#deadlines.nextAt();
  }

  /** Removes what has expired. */
  handleTimeout(now: number): void {
    for (let slot = this.#deadlines.takeDue(now); slot; slot = this.#deadlines.takeDue(now)) {
      const { expiresAt } = slot.binding;
      // Back into the queue, also where it ends: remove() counts on it.
      this.#deadlines.set(slot, expiresAt);
      if (expiresAt <= now) this.remove(slot.binding);
    }
  }

  /** What is to be persisted since the last call. */
  takeChanges(): readonly BindingChange[] {
    const changes = this.#changes;
    if (changes.length > 0) this.#changes = [];
    return changes;
  }

  #link(slot: Slot): void {
    const connection = slot.binding.flow?.connectionId;
    if (connection === undefined) return;
    const slots = this.#byConnection.get(connection);
    if (slots) slots.add(slot);
    else this.#byConnection.set(connection, new Set([slot]));
  }

  #unlink(slot: Slot): void {
    const connection = slot.binding.flow?.connectionId;
    if (connection === undefined) return;
    const slots = this.#byConnection.get(connection);
    slots?.delete(slot);
    if (slots?.size === 0) this.#byConnection.delete(connection);
  }
}
