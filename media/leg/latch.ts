// Which source a leg listens to: learned once, and moved by signaling or by the endpoint that signaling promised. Where
// ICE was agreed on, by checks alone.
import { type Endpoint, isSameEndpoint } from '../../core/index.ts';

/** How long the endpoint that SDP promised is waited for while others send. */
const PREFERENCE_MS = 200;
/** Strangers that are told of, a leg. */
const MAX_REFUSED = 4;
/** Sources of a party that are known by checks: its interfaces, and what its NATs made of them. */
const MAX_PROVEN = 4;

export type LatchVerdict = 'known' | 'learned' | 'wait' | 'refused' | 'newly-refused';

export class Latch {
  #address: string | undefined;
  #port = 0;
  #promised: Endpoint | undefined;
  #firstSeenAt: number | undefined;
  /** The promised endpoint itself was learned: nothing else can be better, until signaling promises anew. */
  #isSettled = false;
  readonly #refused: Endpoint[] = [];
  /** Addresses that SDP named as candidates; undefined without ICE. */
  #candidates: ReadonlySet<string> | undefined;
  /** By checks, the latest last. */
  #proven: Endpoint[] = [];
  /** Of those, where the party wants its sound. */
  #target: Endpoint | undefined;

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

  /** Where the party proved to be; undefined before it did, and without ICE. */
  get proven(): Endpoint | undefined {
    return this.#target;
  }

  /** Where to send to before a source was learned: where the party proved to be, or what SDP promised. */
  get expected(): Endpoint | undefined {
    return this.#target ?? this.#promised;
  }

  /** Strangers that were told of. */
  get refusedSources(): readonly Endpoint[] {
    return this.#refused;
  }

  /** Signaling promises an address. Where it differs from the promise before, a new source may be learned, once. */
  promise(endpoint: Endpoint): void {
    const before = this.#promised;
    this.#promised = endpoint;
    if (this.#target || !before || isSameEndpoint(before, endpoint)) return;
    this.#address = undefined;
    this.#firstSeenAt = undefined;
    this.#isSettled = false;
  }

  /**
   * ICE was agreed on, or is no more.
   *
   * @param candidates - addresses that SDP named: until the party has proven where it is, its sound comes from there
   */
  trust(candidates: ReadonlySet<string> | undefined): void {
    this.#candidates = candidates;
    if (candidates) return;
    this.#proven = [];
    this.#target = undefined;
  }

  /**
   * A check of the party came from there.
   *
   * @param isWanted - whether its sound is to go there; otherwise only where it has proven nothing yet
   * @param isAlone - whether it is to come from nowhere else
   */
  prove(source: Endpoint, { isWanted, isAlone }: { isWanted: boolean; isAlone: boolean }): void {
    const others = isAlone ? [] : this.#proven.filter((known) => !isSameEndpoint(known, source));
    this.#proven = [...others.slice(1 - MAX_PROVEN), source];
    if (isWanted || !this.#target) this.#aim(source);
  }

  #aim(target: Endpoint): void {
    this.#target = target;
    // Whoever was heard is not told of any more: the next packet from there is learned.
    if (target.port !== this.#port || target.address !== this.#address) this.#address = undefined;
  }

  /** Judges the source of a packet that is otherwise in order. */
  check(now: number, address: string, port: number): LatchVerdict {
    if (port === this.#port && address === this.#address) return 'known';
    if (this.#candidates) return this.#checkProven(address, port, this.#candidates);
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

  #checkProven(address: string, port: number, candidates: ReadonlySet<string>): LatchVerdict {
    const proven = this.#proven.find((known) => known.port === port && known.address === address);
    if (proven) this.#target = proven;
    if (proven || (!this.#target && this.#isPromised(address, port))) return this.#learn(address, port);
    if (this.#target) return this.#refuse(address, port);
    // Its NAT may have another port for us than for the server that told it of the candidate.
    const isLikely = this.#address === undefined && candidates.has(address);
    return isLikely ? this.#learn(address, port) : 'wait';
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
