// Where the phone's SIP socket is seen from outside of a NAT, as a STUN server tells: for Contact (RFC 3261 §8.1.1.8).
import { addressScope, type CancelTimer, Driver, type Endpoint, type Runtime } from '../core/index.ts';
import { KeepAliveInterval, StunKeepAlive, UDP_KEEP_ALIVE_MS } from '../nat/index.ts';
import type { Flow, SipEndpoint } from '../signaling/index.ts';
import { isPrivate } from './ice-servers.ts';

/** Nobody waits longer for a phone to be there. The question goes out twice by then. */
const ANSWER_LIMIT_MS = 700;

export interface OutsideAddressParts {
  readonly endpoint: SipEndpoint;
  /** The socket that is asked about. */
  readonly local: Endpoint;
  /** Numeric address of the STUN server. */
  readonly server: Endpoint;
}

/**
 * Asks at once, and again and again: what is asked keeps the mapping alive. It is worth nothing behind a NAT that maps by
 * the address of the far end; there a server has to mend what it sees, or a relay to stand in.
 */
export class OutsideAddress {
  /** Seen elsewhere than before: whoever knows our Contact has to hear of it. */
  onMoved: (() => void) | undefined;
  /** Resolves with the first answer, or when it has been waited for long enough. Never rejects. */
  readonly known: Promise<void>;
  readonly #runtime: Runtime;
  readonly #flow: Flow;
  readonly #endpoint: SipEndpoint;
  readonly #stun: StunKeepAlive;
  readonly #driver: Driver;
  readonly #interval: KeepAliveInterval;
  readonly #stopListening: () => void;
  #cancelNext: CancelTimer = () => {};
  #settle: () => void = () => {};

  constructor(runtime: Runtime, { endpoint, local, server }: OutsideAddressParts) {
    const { random } = runtime;
    this.#runtime = runtime;
    this.#endpoint = endpoint;
    this.#flow = { protocol: 'udp', local, remote: server, connectionId: undefined };
    this.#stun = new StunKeepAlive({ random, remote: server });
    this.#interval = new KeepAliveInterval({ random, startMs: UDP_KEEP_ALIVE_MS });
    this.#driver = new Driver(runtime, this.#stun, () => this.#drain());
    this.#stopListening = endpoint.on('nonSip', ({ bytes, flow }) => {
      this.#driver.run((now) => this.#stun.handleDatagram(now, bytes, flow.remote));
    });
    const cancelLimit = runtime.setTimer(runtime.clock.now() + ANSWER_LIMIT_MS, () => this.#settle());
    this.known = new Promise((resolve) => {
      this.#settle = () => {
        cancelLimit();
        resolve();
      };
    });
    this.#ask();
  }

  /** Where the far end of a flow reaches us, if it is outside as well; undefined where that is where we listen. */
  toward({ protocol, remote }: Flow): Endpoint | undefined {
    const isNear = isPrivate(remote.address) || addressScope(remote.address) === 'loopback';
    return protocol === 'udp' && !isNear ? this.#stun.mapped : undefined;
  }

  close(): void {
    this.#cancelNext();
    this.#stopListening();
    this.#driver.close();
    this.#settle();
  }

  #ask(): void {
    const at = this.#runtime.clock.now() + this.#interval.nextDelayMs();
    this.#cancelNext = this.#runtime.setTimer(at, () => this.#ask());
    this.#driver.run((now) => this.#stun.ask(now));
  }

  #drain(): void {
    for (const { bytes } of this.#stun.takeDatagrams()) this.#endpoint.sendNonSip(bytes, this.#flow);
    for (const verdict of this.#stun.takeVerdicts()) {
      if (verdict === 'alive') this.#settle();
      else if (verdict === 'moved') this.onMoved?.();
    }
  }
}
