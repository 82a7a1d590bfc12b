// Holds the mappings of NATs open in front of phones on UDP that do not do so themselves.
import {
  DeadlineQueue,
  Driver,
  type Endpoint,
  formatEndpoint,
  normalizeAddress,
  type Runtime,
  type TimedMachine,
} from '../core/index.ts';
import {
  type Binding,
  type BindingChange,
  type Flow,
  NO_PARAMETERS,
  type SipEndpoint,
  sipUri,
  type UserAgent,
} from '../signaling/index.ts';

/** Under the 30 s after which common NATs forget a mapping of UDP, whatever RFC 4787 REQ-5 asks for. */
const INTERVAL_MS = 25_000;
/** Each binding has its own moment: by so much of the interval it may come earlier. */
const SPREAD = 0.2;
/** A phone that asks by STUN watches its mapping itself, and may know that it lives longer; by then it asks again. */
const TRUSTED_MS = 300_000;
/** A phone that is there answers by then. */
const ANSWER_LIMIT_MS = 5000;

const CRLF_CRLF = new Uint8Array([0x0d, 0x0a, 0x0d, 0x0a]);

/** The SIP port where a Contact names none. */
const DEFAULT_SIP_PORT = 5060;

export interface NatKeepAliveOptions {
  readonly runtime: Runtime;
  readonly userAgent: Pick<UserAgent, 'request'> & { readonly endpoint: SipEndpoint };
  /** Host of our address-of-record. */
  readonly realm: string;
}

/** A phone behind a NAT. */
interface Kept {
  binding: Binding;
  flow: Flow;
  /** It answers OPTIONS, which make it send. One that does not is sent a few bytes instead, and loses nothing. */
  answersOptions: boolean;
}

/** Follows the bindings, and costs nothing for phones that are reached without a NAT or over a connection. */
export class NatKeepAlive implements TimedMachine {
  readonly #options: NatKeepAliveOptions;
  readonly #driver: Driver;
  readonly #kept = new Map<number, Kept>();
  readonly #byRemote = new Map<string, Kept>();
  readonly #queue = new DeadlineQueue<Kept>();

  constructor(options: NatKeepAliveOptions) {
    this.#options = options;
    this.#driver = new Driver(options.runtime, this, () => {});
    const { endpoint } = options.userAgent;
    endpoint.on('keepAlive', (flow) => this.#noteHeard(flow.remote));
    endpoint.on('nonSip', ({ flow }) => this.#noteAsked(flow.remote));
  }

  /** Phones whose mapping is held open. */
  get size(): number {
    return this.#kept.size;
  }

  handleChanges(changes: readonly BindingChange[]): void {
    if (changes.length === 0) return;
    this.#driver.run((now) => {
      for (const change of changes) {
        this.#forget(change.kind === 'put' ? change.binding.id : change.id);
        if (change.kind === 'put') this.#keep(now, change.binding);
      }
    });
  }

  nextTimeoutAt(): number | undefined {
    return this.#queue.nextAt();
  }

  handleTimeout(now: number): void {
    for (let kept = this.#queue.takeDue(now); kept; kept = this.#queue.takeDue(now)) {
      this.#queue.set(kept, this.#nextAt(now));
      this.#refresh(kept);
    }
  }

  close(): void {
    this.#driver.close();
    this.#kept.clear();
    this.#byRemote.clear();
  }

  #keep(now: number, binding: Binding): void {
    const { flow } = binding;
    if (!flow || !isBehindNat(binding, flow)) return;
    const kept: Kept = { binding, flow, answersOptions: true };
    this.#kept.set(binding.id, kept);
    this.#byRemote.set(formatEndpoint(flow.remote), kept);
    this.#queue.set(kept, this.#nextAt(now));
  }

  #forget(id: number): void {
    const kept = this.#kept.get(id);
    if (!kept) return;
    this.#kept.delete(id);
    const key = formatEndpoint(kept.flow.remote);
    if (this.#byRemote.get(key) === kept) this.#byRemote.delete(key);
    this.#queue.clear(kept);
  }

  #nextAt(now: number): number {
    return now + INTERVAL_MS * (1 - SPREAD * this.#options.runtime.random.float());
  }

  /** The phone keeps its mapping alive by itself. */
  #noteHeard(remote: Endpoint): void {
    const kept = this.#byRemote.get(formatEndpoint(remote));
    if (kept) this.#driver.run((now) => this.#queue.set(kept, this.#nextAt(now)));
  }

  /** It does so by STUN, and so knows when the mapping is another (RFC 5626 §4.4.2). */
  #noteAsked(remote: Endpoint): void {
    const kept = this.#byRemote.get(formatEndpoint(remote));
    if (kept) this.#driver.run((now) => this.#queue.set(kept, now + TRUSTED_MS));
  }

  #refresh(kept: Kept): void {
    const { userAgent } = this.#options;
    if (!kept.answersOptions) {
      userAgent.endpoint.sendNonSip(CRLF_CRLF, kept.flow);
      return;
    }
    const { realm } = this.#options;
    const from = { displayName: undefined, uri: sipUri({ host: realm }), parameters: NO_PARAMETERS };
    const { contact, path } = kept.binding;
    const asked = { target: contact, from, flow: kept.flow, routeSet: path, timeoutMs: ANSWER_LIMIT_MS };
    void userAgent.request('OPTIONS', asked).then(({ response }) => {
      kept.answersOptions = response !== undefined;
    });
  }
}

/** RFC 3581, RFC 5626 §2: packets come from elsewhere than where the phone believes to be. */
function isBehindNat({ contact }: Binding, { protocol, remote, connectionId }: Flow): boolean {
  if (protocol !== 'udp' || connectionId !== undefined) return false;
  const host = normalizeAddress(contact.host.replace(/^\[|\]$/g, ''));
  return host !== remote.address || (contact.port ?? DEFAULT_SIP_PORT) !== remote.port;
}
