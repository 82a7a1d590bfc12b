// Connections in place of UDP, for requests that are too large for it: wished for, but there is another way.
import { type CancelTimer, type Endpoint, formatEndpoint, type Runtime } from '../../core/index.ts';
import type { Flow, Transports } from '../transport/index.ts';

/** A SYN that was lost has been repeated by then. Firewalls that drop it would else hold up every call for 5 s. */
const PATIENCE_MS = 1500;
/** So long a peer that took no connection is not asked for one again. */
const MEMORY_MS = 600_000;
/** The oldest is forgotten first. */
const MOST_REMEMBERED = 256;

type OnFlow = (flow: Flow | undefined) => void;

export class TcpInstead {
  readonly #runtime: Runtime;
  readonly #transports: Transports;
  /** By peer: when it took none. */
  readonly #failedAt = new Map<string, number>();

  constructor(runtime: Runtime, transports: Transports) {
    this.#runtime = runtime;
    this.#transports = transports;
  }

  /** Calls back with undefined where UDP has to do; at once where that is known of the peer. */
  connect(remote: Endpoint, onFlow: OnFlow): void {
    if (this.#isKnownToFail(remote)) return onFlow(undefined);
    let isOver = false;
    const finish = (flow: Flow | undefined) => {
      if (isOver) return;
      isOver = true;
      cancelTimer();
      if (!flow) this.#remember(remote);
      onFlow(flow);
    };
    const limitAt = this.#runtime.clock.now() + PATIENCE_MS;
    const cancelTimer: CancelTimer = this.#runtime.setTimer(limitAt, () => finish(undefined));
    this.#transports.connect(remote, finish);
  }

  #isKnownToFail(remote: Endpoint): boolean {
    const failedAt = this.#failedAt.get(formatEndpoint(remote));
    return failedAt !== undefined && this.#runtime.clock.now() - failedAt < MEMORY_MS;
  }

  #remember(remote: Endpoint): void {
    const key = formatEndpoint(remote);
    this.#failedAt.delete(key);
    this.#failedAt.set(key, this.#runtime.clock.now());
    const [oldest] = this.#failedAt.keys();
    if (oldest !== undefined && this.#failedAt.size > MOST_REMEMBERED) this.#failedAt.delete(oldest);
  }
}
