// A relay of datagrams that harms them: learns who sends to each of its ports, and holds each datagram for its time.
import { DeadlineQueue, type Endpoint, isSameEndpoint, type Random } from '../../core/index.ts';
import { LinkDirection, type LinkOptions } from './link.ts';
import type { LinkLoss } from './packet.ts';

/** `there`: from who sends to our ports to the target; `back`: what the target answers. */
export type RelayDirection = 'there' | 'back';

export interface ImpairmentRelayOptions {
  readonly random: Random;
  readonly there: LinkOptions;
  readonly back: LinkOptions;
  /** Address and port to which what came to our port number `index` goes, 0 being the first. */
  readonly targetOf: (index: number) => Endpoint;
  /** Whose datagrams, and answers to them, are harmed; all others pass at once. Everybody's where not given. */
  readonly isHarmed?: (sender: Endpoint) => boolean;
}

/** What became of the datagrams of one direction: `received + duplicated = passed + lost + overflowed + held`. */
export interface RelayCounts {
  received: number;
  duplicated: number;
  passed: number;
  lost: number;
  /** Too many for the rate of the link, or for our memory. */
  overflowed: number;
  held: number;
  /** Passed after one that was sent later. */
  reordered: number;
  /** Sum and largest of the time that those passed were held, in milliseconds. */
  totalDelayMs: number;
  maxDelayMs: number;
}

/** A datagram to be sent now. */
export interface RelayedDatagram {
  readonly direction: RelayDirection;
  /** Number of the port pair. */
  readonly index: number;
  readonly bytes: Uint8Array;
  readonly to: Endpoint;
}

interface Held extends RelayedDatagram {
  readonly receivedAt: number;
  readonly order: number;
}

interface DirectionState {
  readonly link: LinkDirection;
  readonly counts: RelayCounts;
  /** Order of the latest datagram that passed. */
  lastOrder: number;
}

/** Datagrams under way at once: a second of 50,000 packets; more would be memory without bound. */
export const MOST_HELD = 50_000;

/** A program for tests and experiments: an object a datagram is no matter here. */
export class ImpairmentRelay {
  readonly #options: ImpairmentRelayOptions;
  readonly #senders = new Map<number, Endpoint>();
  readonly #directions: Readonly<Record<RelayDirection, DirectionState>>;
  readonly #held = new DeadlineQueue<Held>();
  #outgoing: RelayedDatagram[] = [];
  #order = 0;
  #strangers = 0;
  #unharmed = 0;

  constructor(options: ImpairmentRelayOptions) {
    this.#options = options;
    const open = (direction: RelayDirection): DirectionState => ({
      link: new LinkDirection(options.random.fork(direction), options[direction]),
      counts: noCounts(),
      lastOrder: -1,
    });
    this.#directions = { there: open('there'), back: open('back') };
  }

  counts(direction: RelayDirection): Readonly<RelayCounts> {
    return this.#directions[direction].counts;
  }

  /** Answers from elsewhere than the target, or to nobody: dropped. */
  get strangers(): number {
    return this.#strangers;
  }

  /** Datagrams, either way, of those who are not harmed. */
  get unharmed(): number {
    return this.#unharmed;
  }

  /** Takes what came to one of our ports. Whoever sent there last is the one who gets the answers. */
  handleFromSender(now: number, index: number, datagram: { bytes: Uint8Array; source: Endpoint }): void {
    const known = this.#senders.get(index);
    if (!known || !isSameEndpoint(known, datagram.source)) this.#senders.set(index, datagram.source);
    const to = this.#options.targetOf(index);
    this.#take(now, { direction: 'there', index, bytes: datagram.bytes, to }, datagram.source);
  }

  /** Takes what came to the socket that faces the target. */
  handleFromTarget(now: number, index: number, datagram: { bytes: Uint8Array; source: Endpoint }): void {
    const to = this.#senders.get(index);
    if (!to || !isSameEndpoint(datagram.source, this.#options.targetOf(index))) {
      this.#strangers += 1;
      return;
    }
    this.#take(now, { direction: 'back', index, bytes: datagram.bytes, to }, to);
  }

  nextTimeoutAt(): number | undefined {
    return this.#held.nextAt();
  }

  /** Lets go what is due. */
  handleTimeout(now: number): void {
    for (let held = this.#held.takeDue(now); held; held = this.#held.takeDue(now)) {
      const state = this.#directions[held.direction];
      const { counts } = state;
      const delayMs = now - held.receivedAt;
      counts.held -= 1;
      counts.passed += 1;
      counts.totalDelayMs += delayMs;
      counts.maxDelayMs = Math.max(counts.maxDelayMs, delayMs);
      if (held.order < state.lastOrder) counts.reordered += 1;
      else state.lastOrder = held.order;
      this.#outgoing.push(held);
    }
  }

  /** What is to be sent now, in order. */
  takeDatagrams(): readonly RelayedDatagram[] {
    const outgoing = this.#outgoing;
    this.#outgoing = [];
    return outgoing;
  }

  #take(now: number, datagram: RelayedDatagram, sender: Endpoint): void {
    const { isHarmed = () => true } = this.#options;
    // The socket may use its bytes again.
    const own = { ...datagram, bytes: datagram.bytes.slice() };
    if (isHarmed(sender)) return this.#harm(now, own, sender);
    this.#unharmed += 1;
    this.#outgoing.push(own);
  }

  #harm(now: number, datagram: RelayedDatagram, sender: Endpoint): void {
    const { link, counts } = this.#directions[datagram.direction];
    counts.received += 1;
    const { bytes, to } = datagram;
    const fate = link.transit(now, { protocol: 'udp', source: sender, destination: to, bytes });
    if (typeof fate === 'string') return countLoss(counts, fate);
    this.#hold(datagram, { receivedAt: now, at: fate });
    if (!link.isDuplicated()) return;
    counts.duplicated += 1;
    this.#hold(datagram, { receivedAt: now, at: fate });
  }

  #hold(datagram: RelayedDatagram, { receivedAt, at }: { receivedAt: number; at: number }): void {
    const { counts } = this.#directions[datagram.direction];
    if (this.#held.size >= MOST_HELD) {
      counts.overflowed += 1;
      return;
    }
    counts.held += 1;
    this.#held.set({ ...datagram, receivedAt, order: this.#order++ }, at);
  }
}

function countLoss(counts: RelayCounts, why: LinkLoss): void {
  if (why === 'queue of the link full') counts.overflowed += 1;
  else counts.lost += 1;
}

function noCounts(): RelayCounts {
  return {
    received: 0,
    duplicated: 0,
    passed: 0,
    lost: 0,
    overflowed: 0,
    held: 0,
    reordered: 0,
    totalDelayMs: 0,
    maxDelayMs: 0,
  };
}
