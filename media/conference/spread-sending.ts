// Packets of large rooms go out in portions, so that a thread's other rooms beat on time meanwhile. A listener's place is
// the same in every beat, and so is the moment at which it gets its packet.
import type { RoomMember } from './room-member.ts';

/** About half a millisecond of system calls. */
const PORTION = 100;
const EVERY_MS = 1;

/** One packet on its way to many. */
interface Delivery {
  readonly packet: Uint8Array;
  readonly slot: number;
  readonly audience: readonly RoomMember[];
  sent: number;
}

export class SpreadSending {
  readonly #deliveries: Delivery[] = [];
  #nextAt: number | undefined;

  /** When the next portion is due; undefined where everything was sent. */
  get nextAt(): number | undefined {
    return this.#nextAt;
  }

  /** Sends at once what is one portion, and begins with what is more. @param audience - copied where it is kept */
  send(now: number, packet: Uint8Array, slot: number, audience: readonly RoomMember[]): void {
    if (audience.length <= PORTION && this.#deliveries.length === 0) {
      for (const { output } of audience) output?.send(now, packet, slot);
      return;
    }
    const isFirst = this.#deliveries.length === 0;
    this.#deliveries.push({ packet: packet.slice(), slot, audience: audience.slice(), sent: 0 });
    if (isFirst) this.#sendPortion(now);
  }

  /** Sends what is due. */
  handleTimeout(now: number): void {
    while (this.#nextAt !== undefined && this.#nextAt <= now) this.#sendPortion(now);
  }

  /** Sends all that waits: the next beat has come. */
  flush(now: number): void {
    while (this.#deliveries.length > 0) this.#sendPortion(now);
  }

  #sendPortion(now: number): void {
    let room = PORTION;
    while (room > 0) {
      const delivery = this.#deliveries[0];
      if (!delivery) break;
      const { packet, slot, audience } = delivery;
      const end = Math.min(audience.length, delivery.sent + room);
      room -= end - delivery.sent;
      for (let i = delivery.sent; i < end; i += 1) {
        const member = audience[i];
        // It may have left meanwhile.
        if (member?.hearing) member.output?.send(now, packet, slot);
      }
      delivery.sent = end;
      if (end === audience.length) this.#deliveries.shift();
    }
    this.#nextAt = this.#deliveries.length === 0 ? undefined : (this.#nextAt ?? now) + EVERY_MS;
  }
}
