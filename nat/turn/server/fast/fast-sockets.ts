// The sockets of a TURN server on a thread that sleeps in epoll.
import { type PolledRuntime, ReceiveBatch } from '../../../../core/index.ts';
import type { Tally } from '../counters.ts';
import type { TurnSockets } from '../types.ts';
import { FastClientPort } from './fast-client-port.ts';
import { FastRelay } from './fast-relay.ts';
import { Outgoing } from './outgoing.ts';
import { SendMemory } from './send-memory.ts';

/**
 * So long the thread rests after each batch while it is busy, so that more comes together: to fall asleep and be woken costs
 * as much as relaying several packets. A packet waits for half of it, which no ear hears.
 */
const REST_MS = 2;
/** Busy: above so many packets in a millisecond. Below, each is passed on as it comes. */
const BUSY_PACKETS_PER_MS = 4;
const WINDOW_MS = 20;

/** Takes over the runtime's `onBatch`. */
export function fastSockets(runtime: PolledRuntime, tally: Tally): TurnSockets {
  const incoming = new ReceiveBatch(runtime.calls);
  const outgoing = new Outgoing(runtime.calls);
  const memory = new SendMemory(runtime.calls);
  const pace = new Pace(tally);
  const relayOptions = { runtime, tally, outgoing, memory };
  runtime.onBatch = () => {
    outgoing.flush();
    return pace.restMs(runtime.clock.now());
  };
  return {
    openClientPort: async (endpoint, onMessage) =>
      new FastClientPort(endpoint, { runtime, tally, incoming, outgoing, onMessage }),
    openRelay: (relay, onDatagram) => new FastRelay(relay, onDatagram, relayOptions),
  };
}

/** How busy the thread is, by what it relayed in the window before. */
class Pace {
  readonly #tally: Tally;
  #startedAt = 0;
  #packets = 0;
  #isBusy = false;

  constructor(tally: Tally) {
    this.#tally = tally;
  }

  restMs(now: number): number {
    const elapsedMs = now - this.#startedAt;
    if (elapsedMs >= WINDOW_MS) {
      const packets = this.#tally.sentPackets + this.#tally.receivedPackets;
      this.#isBusy = packets - this.#packets > BUSY_PACKETS_PER_MS * elapsedMs;
      this.#packets = packets;
      this.#startedAt = now;
    }
    return this.#isBusy ? REST_MS : 0;
  }
}
