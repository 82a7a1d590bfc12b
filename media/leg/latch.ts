// Which source a leg listens to: learned once, moved by signaling alone.
import type { Endpoint } from '../../core/index.ts';

/** How long a packet from the address that SDP promised is preferred to any other that comes first. */
const PREFERENCE_MS = 200;
/** Strangers that are told of, a leg. */
const MAX_REFUSED = 4;

export type LatchVerdict = 'known' | 'learned' | 'wait' | 'refused' | 'newly-refused';

export class Latch {
  #address: string | undefined;
  #port = 0;
  #promised: Endpoint | undefined;
  #firstSeenAt: number | undefined;
  readonly #refused: string[] = [];

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

  /** Signaling promises an address. Where it differs from the promise before, a new source may be learned, once. */
  promise(endpoint: Endpoint): void {
    const before = this.#promised;
    this.#promised = endpoint;
    if (!before || (before.address === endpoint.address && before.port === endpoint.port)) return;
    this.#address = undefined;
    this.#firstSeenAt = undefined;
  }

  /** Judges the source of a packet that is otherwise in order. */
  check(now: number, address: string, port: number): LatchVerdict {
    if (this.#address !== undefined) {
      if (port === this.#port && address === this.#address) return 'known';
      return this.#refuse(address, port);
    }
    const isPromised = this.#promised?.address === address && this.#promised.port === port;
    if (!isPromised) {
      // Behind a NAT the promised address never comes: then the first that did is taken, after a moment.
      this.#firstSeenAt ??= now;
      if (now - this.#firstSeenAt < PREFERENCE_MS && this.#promised?.address !== address) return 'wait';
    }
    this.#address = address;
    this.#port = port;
    return 'learned';
  }

  #refuse(address: string, port: number): LatchVerdict {
    const key = `${address} ${port}`;
    if (this.#refused.length >= MAX_REFUSED || this.#refused.includes(key)) return 'refused';
    this.#refused.push(key);
    return 'newly-refused';
  }
}
