// How long a mapping lives without traffic: a search with many mappings at once (RFC 5780 §4.6).
import type { Endpoint, Random } from '../../core/index.ts';
import { type ProbeDatagram, Prober, type ProbeSocket } from './prober.ts';
import type { MappingLifetime } from './types.ts';

/** The socket that asks for the others; they follow it. */
export const ASKING_SOCKET = 0;
/** Each keeps one mapping, and lets it age. */
export const AGING_SOCKETS = 8;
export const LIFETIME_SOCKETS = 1 + AGING_SOCKETS;

/** RFC 4787 REQ-5 wants two minutes at the least; NATs of thirty seconds are met. */
const LEAST_AGE_MS = 10_000;
/** Ten minutes: longer than any keep-alive that a phone would rely on. */
export const MAX_AGE_MS = 600_000;
/** The search ends when the bounds are so near, and never bothers about less than two seconds. */
const NEAR_RATIO = 1.1;
const NEAR_MS = 2000;

export interface LifetimeSearchOptions {
  readonly random: Random;
  /** Must know RESPONSE-PORT. */
  readonly server: Endpoint;
  /** Default {@link MAX_AGE_MS}. */
  readonly maxAgeMs?: number;
}

export type LifetimeEvent =
  /** What is known now, and when the search would end at the latest as far as it is planned. */
  | { readonly type: 'bounds'; readonly lifetime: MappingLifetime; readonly untilAt: number }
  | { readonly type: 'done'; readonly lifetime: MappingLifetime }
  /** The server does not answer, or knows no RESPONSE-PORT, or sees our sockets at several addresses. */
  | { readonly type: 'impossible' };

/** `open` makes a mapping, `reach` has the server send to it from where it was opened to. */
type Question = `open ${number}` | `reach ${number}`;

interface Aging {
  /** One of the sockets, counted from {@link ASKING_SOCKET} + 1. */
  readonly socket: ProbeSocket;
  readonly ageMs: number;
  state: 'opening' | 'aging' | 'reaching' | 'alive' | 'gone';
}

/**
 * Sans-I/O. In each round every aging socket opens a mapping, and after a while of its own the asking socket has the
 * server answer there: what arrives shows that the mapping still lives. A round cuts the span that is left into nine,
 * so that two rounds are enough, each no longer than the mapping lives.
 *
 * Bounds hold for a mapping that was used by one exchange: some NATs keep one longer that both sides use.
 */
export class LifetimeSearch {
  readonly #prober: Prober<Question>;
  readonly #server: Endpoint;
  readonly #maxAgeMs: number;
  /** A trial without age comes first: it shows whether the server can do this at all. */
  #agings: Aging[] = [];
  #isTrial = true;
  #aliveMs = 0;
  #goneMs: number | null = null;
  #isDone = false;
  #events: LifetimeEvent[] = [];

  constructor(now: number, { random, server, maxAgeMs }: LifetimeSearchOptions) {
    this.#prober = new Prober(random);
    this.#server = server;
    this.#maxAgeMs = maxAgeMs ?? MAX_AGE_MS;
    this.#open(now, [0]);
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  handleDatagram(
    now: number,
    socket: ProbeSocket,
    datagram: { readonly bytes: Uint8Array; readonly source: Endpoint },
  ): void {
    this.#prober.handleDatagram(now, socket, datagram);
    this.#advance(now);
  }

  nextTimeoutAt(): number | undefined {
    const due = this.#agings.filter(({ state }) => state === 'aging').map((aging) => this.#dueAt(aging));
    return earliest([...due, this.#prober.nextTimeoutAt()]);
  }

  handleTimeout(now: number): void {
    this.#prober.handleTimeout(now);
    this.#advance(now);
  }

  takeDatagrams(now: number): readonly ProbeDatagram[] {
    return this.#prober.takeDatagrams(now);
  }

  takeEvents(): readonly LifetimeEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #open(now: number, agesMs: readonly number[]): void {
    this.#agings = agesMs.map((ageMs, index) => ({ socket: index + 1, ageMs, state: 'opening' }));
    for (const { socket } of this.#agings) {
      this.#prober.ask(now, { name: `open ${socket}`, socket, remote: this.#server });
    }
  }

  #advance(now: number): void {
    if (this.#isDone) return;
    for (const aging of this.#agings) {
      this.#step(now, aging);
      if (aging.state === 'opening' && this.#prober.answer(`open ${aging.socket}`)) return this.#giveUp();
    }
    if (this.#isTrial) this.#judgeTrial(now);
    else this.#judge(now);
  }

  #step(now: number, aging: Aging): void {
    const { socket } = aging;
    if (aging.state === 'opening' && this.#prober.mapped(`open ${socket}`)) aging.state = 'aging';
    if (aging.state === 'aging' && now >= this.#dueAt(aging)) {
      aging.state = 'reaching';
      this.#reach(now, socket);
    }
    const answer = this.#prober.answer(`reach ${socket}`);
    if (aging.state === 'reaching' && answer) aging.state = answer.type === 'answered' ? 'alive' : 'gone';
  }

  /** RFC 5780 §4.6: the answer comes from where the mapping was opened to, so that no filter is in its way. */
  #reach(now: number, socket: ProbeSocket): void {
    const responsePort = this.#prober.mapped(`open ${socket}`)?.port;
    if (responsePort === undefined) return;
    const where = { socket: ASKING_SOCKET, remote: this.#server, responsePort, arrivesAt: socket };
    this.#prober.ask(now, { name: `reach ${socket}`, ...where, rtoMs: 200, requestCount: 6 });
  }

  #judgeTrial(now: number): void {
    const state = this.#agings[0]?.state;
    if (state === 'gone') return this.#giveUp();
    if (state !== 'alive') return;
    this.#isTrial = false;
    this.#nextRound(now);
  }

  #judge(now: number): void {
    for (const { state, ageMs } of this.#agings) {
      if (state === 'alive') this.#aliveMs = Math.max(this.#aliveMs, ageMs);
    }
    const gone = this.#agings.filter(({ state, ageMs }) => state === 'gone' && ageMs > this.#aliveMs);
    this.#goneMs = earliest([this.#goneMs ?? undefined, ...gone.map(({ ageMs }) => ageMs)]) ?? null;
    // What lies past the bounds is of no interest any more.
    const isOpen = this.#agings.some(
      ({ state, ageMs }) =>
        state !== 'alive' && state !== 'gone' && ageMs > this.#aliveMs && ageMs < (this.#goneMs ?? Infinity),
    );
    if (!isOpen) this.#nextRound(now);
  }

  #nextRound(now: number): void {
    const goneMs = this.#goneMs ?? this.#maxAgeMs;
    const isNear = goneMs <= Math.max(this.#aliveMs * NEAR_RATIO, this.#aliveMs + NEAR_MS);
    if (isNear || this.#aliveMs >= this.#maxAgeMs) return this.#finish();
    for (const { socket } of this.#agings) this.#prober.cancel(`reach ${socket}`);
    const agesMs = agesBetween(this.#aliveMs, goneMs, this.#goneMs === null);
    this.#open(now, agesMs);
    const untilAt = now + (agesMs.at(-1) ?? 0);
    this.#events.push({ type: 'bounds', lifetime: this.#lifetime(), untilAt });
  }

  #finish(): void {
    this.#end({ type: 'done', lifetime: this.#lifetime() });
  }

  #giveUp(): void {
    this.#end({ type: 'impossible' });
  }

  #end(event: LifetimeEvent): void {
    this.#isDone = true;
    for (const { socket } of this.#agings) {
      this.#prober.cancel(`open ${socket}`);
      this.#prober.cancel(`reach ${socket}`);
    }
    this.#agings = [];
    this.#events.push(event);
  }

  #lifetime(): MappingLifetime {
    return { aliveMs: this.#aliveMs, goneMs: this.#goneMs };
  }

  #dueAt({ socket, ageMs }: Aging): number {
    return (this.#prober.sentAt(`open ${socket}`) ?? 0) + ageMs;
  }
}

/** Ages that cut the span into equal ratios; its end is among them only where nobody has tried it yet. */
function agesBetween(aliveMs: number, goneMs: number, isEndOpen: boolean): readonly number[] {
  const startMs = Math.max(aliveMs, LEAST_AGE_MS);
  if (goneMs <= startMs) return [isEndOpen ? goneMs : Math.round((aliveMs + goneMs) / 2)];
  const cuts = isEndOpen ? AGING_SOCKETS - 1 : AGING_SOCKETS + 1;
  const first = isEndOpen ? 0 : 1;
  return Array.from({ length: AGING_SOCKETS }, (_, index) =>
    Math.round(startMs * (goneMs / startMs) ** ((index + first) / cuts)),
  );
}

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
