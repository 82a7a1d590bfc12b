// Keeps the flow over which we are registered alive through a NAT, and tells when it is gone (RFC 5626 §4.4).
import { type CancelTimer, Driver, type Endpoint, isSameEndpoint, type Runtime } from '../core/index.ts';
import {
  type FlowVerdict,
  KeepAliveInterval,
  StunKeepAlive,
  TCP_KEEP_ALIVE_MS,
  UDP_KEEP_ALIVE_MS,
} from '../nat/index.ts';
import type { Flow, SipEndpoint } from '../signaling/index.ts';

/** RFC 5626 §4.4.1: a pong that is not there by then means a flow that is not. */
const PONG_LIMIT_MS = 10_000;
const DOUBLE_CRLF = new Uint8Array([0x0d, 0x0a, 0x0d, 0x0a]);

export interface FlowKeeperOptions {
  readonly endpoint: SipEndpoint;
  /** Asks the server by OPTIONS, where nothing else is answered. @returns whether any answer came */
  askBySip(flow: Flow): Promise<boolean>;
  /** The flow is gone, or is seen elsewhere: whoever registered over it has to do so again, at once. */
  onLost(flow: Flow): void;
}

/** What keeps a flow alive: whichever the far end answers, and a line break over UDP where it answers nothing. */
type Means = 'stun' | 'pong' | 'options' | 'line-breaks';

/** One flow at a time. Whoever made it stops it. */
export class FlowKeeper {
  readonly #runtime: Runtime;
  readonly #options: FlowKeeperOptions;
  readonly #intervals: Readonly<Record<'udp' | 'tcp', KeepAliveInterval>>;
  #kept: KeptFlow | undefined;

  constructor(runtime: Runtime, options: FlowKeeperOptions) {
    this.#runtime = runtime;
    this.#options = options;
    const { random } = runtime;
    this.#intervals = {
      udp: new KeepAliveInterval({ random, startMs: UDP_KEEP_ALIVE_MS }),
      tcp: new KeepAliveInterval({ random, startMs: TCP_KEEP_ALIVE_MS }),
    };
  }

  /** By which the mappings of UDP are kept: learns from measurements, and from losses. */
  get udpInterval(): KeepAliveInterval {
    return this.#intervals.udp;
  }

  /** Where the server sees us, as far as STUN over the flow has told. */
  get mapped(): Endpoint | undefined {
    return this.#kept?.mapped;
  }

  /** Keeps this flow from now on; the one before is let go. The same flow again changes nothing. */
  keep(flow: Flow): void {
    if (this.#kept && isSameFlow(this.#kept.flow, flow)) return;
    this.stop();
    this.#kept = new KeptFlow(this.#runtime, {
      ...this.#options,
      flow,
      interval: flow.protocol === 'udp' ? this.#intervals.udp : this.#intervals.tcp,
      onLost: (lost) => {
        this.stop();
        this.#options.onLost(lost);
      },
    });
    this.#kept.keepAlive();
  }

  stop(): void {
    this.#kept?.stop();
    this.#kept = undefined;
  }
}

function isSameFlow(a: Flow, b: Flow): boolean {
  return a.connectionId === b.connectionId && a.protocol === b.protocol && isSameEndpoint(a.remote, b.remote);
}

interface KeptFlowOptions extends FlowKeeperOptions {
  readonly flow: Flow;
  readonly interval: KeepAliveInterval;
}

class KeptFlow {
  readonly flow: Flow;
  #means: Means;
  readonly #runtime: Runtime;
  readonly #options: KeptFlowOptions;
  readonly #stun: StunKeepAlive;
  readonly #driver: Driver;
  readonly #removeListeners: readonly (() => void)[];
  #cancelNext: CancelTimer = () => {};
  #cancelPong: CancelTimer = () => {};
  /** Only whoever has answered before can be missed. */
  #wasAnswered = false;
  #isStopped = false;

  constructor(runtime: Runtime, options: KeptFlowOptions) {
    const { flow, endpoint } = options;
    this.flow = flow;
    this.#means = flow.protocol === 'udp' ? 'stun' : 'pong';
    this.#runtime = runtime;
    this.#options = options;
    this.#stun = new StunKeepAlive({ random: runtime.random, remote: flow.remote });
    this.#driver = new Driver(runtime, this.#stun, () => this.#drain());
    this.#removeListeners = [
      endpoint.on('nonSip', ({ bytes, flow: from }) => {
        this.#driver.run((now) => this.#stun.handleDatagram(now, bytes, from.remote));
      }),
      endpoint.on('pong', ({ connectionId }) => {
        if (connectionId === flow.connectionId) this.#handleAnswer();
      }),
    ];
  }

  get mapped(): Endpoint | undefined {
    return this.#stun.mapped;
  }

  /** Once, and from then on again and again. */
  keepAlive(): void {
    const { endpoint } = this.#options;
    this.#arm();
    if (this.#means === 'stun') this.#driver.run((now) => this.#stun.ask(now));
    else if (this.#means === 'pong') this.#ping();
    else if (this.#means === 'options') void this.#askBySip();
    else endpoint.sendNonSip(DOUBLE_CRLF, this.flow);
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelNext();
    this.#cancelPong();
    this.#driver.close();
    for (const remove of this.#removeListeners) remove();
  }

  #arm(): void {
    const at = this.#runtime.clock.now() + this.#options.interval.nextDelayMs();
    this.#cancelNext();
    this.#cancelNext = this.#runtime.setTimer(at, () => this.keepAlive());
  }

  #ping(): void {
    if (!this.#options.endpoint.ping(this.flow)) return this.#lose();
    const at = this.#runtime.clock.now() + PONG_LIMIT_MS;
    this.#cancelPong();
    this.#cancelPong = this.#runtime.setTimer(at, () => {
      // RFC 5626 §5.4 asks for the answer; what keeps a NAT open is the asking, and a server without may not know it.
      if (this.#wasAnswered) this.#lose();
    });
  }

  async #askBySip(): Promise<void> {
    const isAnswered = await this.#options.askBySip(this.flow);
    if (this.#isStopped) return;
    if (isAnswered) this.#handleAnswer();
    else if (this.#wasAnswered) this.#lose();
    else this.#means = 'line-breaks';
  }

  #drain(): void {
    for (const { bytes } of this.#stun.takeDatagrams()) this.#options.endpoint.sendNonSip(bytes, this.flow);
    for (const verdict of this.#stun.takeVerdicts()) this.#judge(verdict);
  }

  #judge(verdict: FlowVerdict): void {
    if (verdict === 'alive') return this.#handleAnswer();
    if (verdict !== 'unanswered') return this.#lose();
    this.#means = 'options';
    void this.#askBySip();
  }

  #handleAnswer(): void {
    this.#wasAnswered = true;
    this.#cancelPong();
  }

  #lose(): void {
    if (this.#isStopped) return;
    this.stop();
    this.#options.interval.handleLost();
    this.#options.onLost(this.flow);
  }
}
