// Pinging a SIP peer with OPTIONS (RFC 3261 §11), in the manner of ping(8).
import { type Runtime, sleep } from '../core/index.ts';

/** One OPTIONS and what came of it. */
export interface PingReply {
  /** 1 and upwards. */
  readonly sequence: number;
  /** null where no answer came in time. */
  readonly roundTripMs: number | null;
  /** Any final answer, whatever its status, says that the peer lives; null where none came. */
  readonly status: number | null;
  readonly reason: string;
  /** Nothing came in time; false where there is an answer, or nobody could be asked. */
  readonly isTimeout: boolean;
}

/** What ping(8) prints at the end. */
export interface PingStatistics {
  readonly sent: number;
  readonly received: number;
  /** 0 to 1; 0 where nothing was sent. */
  readonly lossRatio: number;
  readonly minMs: number | null;
  readonly avgMs: number | null;
  readonly maxMs: number | null;
  /** Standard deviation of all round trips. */
  readonly mdevMs: number | null;
}

export function pingStatistics(replies: readonly Pick<PingReply, 'roundTripMs'>[]): PingStatistics {
  const tally = new PingTally();
  for (const reply of replies) tally.add(reply);
  return tally.statistics();
}

/** The same figures reply by reply: a heartbeat of months takes no more memory than one ping. */
export class PingTally {
  #sent = 0;
  #received = 0;
  #minMs = Number.POSITIVE_INFINITY;
  #maxMs = 0;
  #meanMs = 0;
  /** Sum of the squared distances from the mean (Welford), which loses no digits to large sums. */
  #squares = 0;

  add({ roundTripMs }: Pick<PingReply, 'roundTripMs'>): void {
    this.#sent += 1;
    if (roundTripMs === null) return;
    this.#received += 1;
    this.#minMs = Math.min(this.#minMs, roundTripMs);
    this.#maxMs = Math.max(this.#maxMs, roundTripMs);
    const distance = roundTripMs - this.#meanMs;
    this.#meanMs += distance / this.#received;
    this.#squares += distance * (roundTripMs - this.#meanMs);
  }

  statistics(): PingStatistics {
    const [sent, received] = [this.#sent, this.#received];
    const lossRatio = sent === 0 ? 0 : (sent - received) / sent;
    if (received === 0)
      return { sent, received, lossRatio, minMs: null, avgMs: null, maxMs: null, mdevMs: null };
    const mdevMs = Math.sqrt(this.#squares / received);
    return { sent, received, lossRatio, minMs: this.#minMs, avgMs: this.#meanMs, maxMs: this.#maxMs, mdevMs };
  }
}

export type PeerState = 'unknown' | 'up' | 'down';

/** Calls a peer down after so many misses in a row, and up with the first answer. */
export class PeerWatch {
  readonly #mostMisses: number;
  #misses = 0;
  #state: PeerState = 'unknown';

  /** @param mostMisses - misses in a row that make a peer down: 1 or more */
  constructor(mostMisses: number) {
    this.#mostMisses = mostMisses;
  }

  get state(): PeerState {
    return this.#state;
  }

  /** Misses in a row. */
  get misses(): number {
    return this.#misses;
  }

  /** @returns the new state where it changed */
  observe(reply: Pick<PingReply, 'roundTripMs'>): PeerState | undefined {
    this.#misses = reply.roundTripMs === null ? this.#misses + 1 : 0;
    const next = this.#misses === 0 ? 'up' : this.#misses >= this.#mostMisses ? 'down' : this.#state;
    if (next === this.#state) return undefined;
    this.#state = next;
    return next;
  }
}

export interface PingOptions {
  /** Until stopped where not given. */
  readonly count?: number;
  readonly intervalMs: number;
  readonly signal?: AbortSignal;
  /** Sends one OPTIONS; rejects only for what no repetition mends. */
  readonly ping: (sequence: number) => Promise<PingReply>;
  readonly onReply: (reply: PingReply) => void;
}

/**
 * One OPTIONS each interval, counted from the first, so that slow answers do not slow the rhythm; one at a time.
 * Resolves after `count` or when the signal is aborted; rejects where a ping does.
 */
export async function pingRepeatedly(runtime: Runtime, options: PingOptions): Promise<void> {
  const { count = Number.POSITIVE_INFINITY, intervalMs, signal } = options;
  const startedAt = runtime.clock.now();
  for (let sequence = 1; sequence <= count && !signal?.aborted; sequence += 1) {
    const reply = await unlessAborted(options.ping(sequence), signal);
    if (!reply) return;
    options.onReply(reply);
    if (sequence < count) {
      const nextAt = startedAt + sequence * intervalMs;
      await sleep(runtime, Math.max(0, nextAt - runtime.clock.now()), signal);
    }
  }
}

/** Leaves nothing behind on the signal, however many pings there are. */
function unlessAborted<Value>(
  promise: Promise<Value>,
  signal: AbortSignal | undefined,
): Promise<Value | undefined> {
  return new Promise((resolve, reject) => {
    const abort = () => resolve(undefined);
    signal?.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal?.removeEventListener('abort', abort));
  });
}
