// What became of every packet that came to a leg: received = forwarded + consumed + the sum of the discarded.

export const DISCARD_REASONS = [
  'malformed',
  'stun',
  'not-media',
  'wrong-payload-type',
  'wrong-source',
  'unproven-source',
  'direction',
  'not-connected',
  'peer-not-ready',
  'peer-format',
  'no-codec',
  'tone',
  'bad-sequence',
  'late',
] as const;

export type DiscardReason = (typeof DISCARD_REASONS)[number];

const INDEX: Readonly<Record<DiscardReason, number>> = Object.fromEntries(
  DISCARD_REASONS.map((reason, index) => [reason, index]),
) as Record<DiscardReason, number>; // Built from the list of all reasons, so every key is there.

export class LegCounters {
  received = 0;
  receivedBytes = 0;
  forwarded = 0;
  consumed = 0;
  /** Packets that were found in copies; they are no part of `received`. */
  repaired = 0;
  readonly #discarded = new Uint32Array(DISCARD_REASONS.length);

  discard(reason: DiscardReason): void {
    const index = INDEX[reason];
    this.#discarded[index] = (this.#discarded[index] ?? 0) + 1;
  }

  /** Those that happened. */
  discarded(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const [index, reason] of DISCARD_REASONS.entries()) {
      const count = this.#discarded[index] ?? 0;
      if (count > 0) counts[reason] = count;
    }
    return counts;
  }
}
