// All relays of a server: draws their ports, and keeps those that are reserved for a second allocation.
import { type AddressFamily, DeadlineQueue, type Random } from '../../../core/index.ts';
import type { TurnUser } from './credentials.ts';
import type { RelayPortRange } from './options.ts';
import { Relay, type RelayAddresses } from './relay.ts';
import { RelayPorts } from './relay-ports.ts';

/** RFC 8656 §7.2: at least so long. */
export const RESERVATION_LIFETIME_MS = 30_000;
const TOKEN_BYTES = 8;

/** The next port, held for whoever shows the token (RFC 8656 §18.10). */
interface Reservation {
  readonly token: string;
  readonly relay: Relay;
  readonly user: TurnUser;
}

/** What a port is to be: any, an even one, or an even one and the next. */
export type PortWish = 'any' | 'even' | 'pair';

export class RelayPool {
  readonly #addresses: RelayAddresses;
  readonly #ports = new Map<AddressFamily, RelayPorts>();
  readonly #random: Random;
  readonly #reservations = new Map<string, Reservation>();
  readonly #deadlines = new DeadlineQueue<Reservation>();

  constructor(addresses: RelayAddresses, range: RelayPortRange, random: Random) {
    this.#addresses = addresses;
    this.#random = random;
    for (const family of addresses.families) {
      this.#ports.set(family, new RelayPorts(range, random.fork(`relay ports ${family}`)));
    }
  }

  /** Relays that have a port, reserved ones included. */
  get size(): number {
    return [...this.#ports.values()].reduce((sum, { takenCount }) => sum + takenCount, 0);
  }

  get reservationCount(): number {
    return this.#reservations.size;
  }

  supports(family: AddressFamily): boolean {
    return this.#ports.has(family);
  }

  /** @returns a relay that is not bound yet, and for `pair` the next one; none where no port is free */
  take(family: AddressFamily, wish: PortWish): readonly Relay[] {
    const [ports, address] = [this.#ports.get(family), this.#addresses.of(family)];
    const port = ports && takeFrom(ports, wish);
    if (!address || port === undefined) return [];
    const taken = wish === 'pair' ? [port, port + 1] : [port];
    return taken.map((each) => new Relay(family, address, each));
  }

  /** Closes the relay, and its port is free. */
  close(relay: Relay): void {
    relay.socket?.close();
    relay.socket = undefined;
    this.#ports.get(relay.family)?.giveBack(relay.local.port);
  }

  /** @returns the token */
  reserve(now: number, relay: Relay, user: TurnUser): Uint8Array {
    const bytes = this.#random.bytes(TOKEN_BYTES);
    const reservation = { token: keyOf(bytes), relay, user };
    this.#reservations.set(reservation.token, reservation);
    this.#deadlines.set(reservation, now + RESERVATION_LIFETIME_MS);
    return bytes;
  }

  /** @returns undefined where nothing is reserved under the token, or for somebody else */
  claim(token: Uint8Array, user: TurnUser): Relay | undefined {
    const reservation = this.#reservations.get(keyOf(token));
    if (reservation?.user.quotaKey !== user.quotaKey) return undefined;
    this.#forget(reservation);
    return reservation.relay;
  }

  nextTimeoutAt(): number | undefined {
    return this.#deadlines.nextAt();
  }

  /** @returns whose reservations are over */
  handleTimeout(now: number): readonly TurnUser[] {
    const users: TurnUser[] = [];
    for (let due = this.#deadlines.takeDue(now); due; due = this.#deadlines.takeDue(now)) {
      this.#end(due);
      users.push(due.user);
    }
    return users;
  }

  /** Ends what is reserved. @returns for whom it was */
  closeReserved(): readonly TurnUser[] {
    const reservations = [...this.#reservations.values()];
    for (const reservation of reservations) this.#end(reservation);
    return reservations.map(({ user }) => user);
  }

  #end(reservation: Reservation): void {
    this.#forget(reservation);
    this.close(reservation.relay);
  }

  #forget(reservation: Reservation): void {
    this.#reservations.delete(reservation.token);
    this.#deadlines.clear(reservation);
  }
}

function takeFrom(ports: RelayPorts, wish: PortWish): number | undefined {
  if (wish === 'any') return ports.take();
  return wish === 'even' ? ports.takeEven() : ports.takePair();
}

function keyOf(token: Uint8Array): string {
  return Buffer.from(token).toString('hex');
}
