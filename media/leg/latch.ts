// Which source a leg listens to: learned once, and moved by signaling or by the endpoint that signaling promised.
import type { Endpoint } from '../../core/index.ts';

/** How long the endpoint that SDP promised is waited for while others send. */
const PREFERENCE_MS = 200;
/** Strangers that are told of, a leg. */
const MAX_REFUSED = 4;

export type LatchVerdict = 'known' | 'learned' | 'wait' | 'refused' | 'newly-refused';

export class Latch {
  #address: string | undefined;
  #port = 0;
  #promised: Endpoint | undefined;
  #firstSeenAt: number | undefined;
  /** The promised endpoint itself was learned: nothing else can be better, until signaling promises anew. */
  #isSettled = false;
  readonly #refused: Endpoint[] = [];

  /** The source; undefined before one was learned. */
  get source(): Endpoint | undefined {
    return this.#address === undefined ? undefined : { address: this.#address, port: this.#port };
  }

  get address(): string | undefined {
    return this.#address;
  }

  get port(): number {
    return this.#port;
  }

  /** Strangers that were told of. */
  get refusedSources(): readonly Endpoint[] {
    return this.#refused;
  }

  /** Signaling promises an address. Where it differs from the promise before, a new source may be learned, once. */
  promise(endpoint: Endpoint): void {
    const before = this.#promised;
    this.#promised = endpoint;
    if (!before || (before.address === endpoint.address && before.port === endpoint.port)) return;
    this.#address = undefined;
    this.#firstSeenAt = undefined;
    this.#isSettled = false;
  }

  /** Judges the source of a packet that is otherwise in order. */
  check(now: number, address: string, port: number): LatchVerdict {
    if (port === this.#port && address === this.#address) return 'known';
    // Whoever was faster is perhaps a stranger: the promised endpoint takes over, and from then on it alone is taken.
    if (!this.#isSettled && this.#isPromised(address, port)) {
      this.#isSettled = true;
      return this.#learn(address, port);
    }
    if (this.#address !== undefined) return this.#refuse(address, port);
    // Behind a NAT the promised endpoint never comes: then the first that did is taken, after a moment.
    this.#firstSeenAt ??= now;
    return now - this.#firstSeenAt < PREFERENCE_MS ? 'wait' : this.#learn(address, port);
  }

  #isPromised(address: string, port: number): boolean {
    return this.#promised?.port === port && this.#promised.address === address;
  }

  #learn(address: string, port: number): LatchVerdict {
    this.#address = address;
    this.#port = port;
    return 'learned';
  }

  #refuse(address: string, port: number): LatchVerdict {
    const isTold = (other: Endpoint) => other.port === port && other.address === address;
    if (this.#refused.length >= MAX_REFUSED || this.#refused.some(isTold)) return 'refused';
    this.#refused.push({ address, port });
    return 'newly-refused';
  }
}
