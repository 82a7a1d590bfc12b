// Keeps a registered phone reachable behind a NAT: its flow alive, and registered anew where it is gone.
import { type CancelTimer, isSameEndpoint, type Runtime } from '../core/index.ts';
import type { Flow, UserAgent } from '../signaling/index.ts';
import type { Account } from './account.ts';
import { FlowKeeper } from './flow-keeper.ts';
import { isPrivate } from './ice-servers.ts';
import { LifetimeMeasurement } from './lifetime-measurement.ts';
import type { Registration, RegistrationEvents } from './registration.ts';

/** Who is registered for less does not gain from knowing its NAT. */
const MEASURE_AFTER_MS = 60_000;
/** Between one measurement and the next, which a lost flow makes worth while. */
const MEASURE_AGAIN_AFTER_MS = 3_600_000;
/** How long an OPTIONS is waited for. */
const ANSWER_LIMIT_MS = 10_000;

export interface ReachabilityParts {
  readonly userAgent: UserAgent;
  readonly registration: Registration;
  readonly account: Account;
}

/** Follows the registration until it is closed. */
export class Reachability {
  readonly #runtime: Runtime;
  readonly #parts: ReachabilityParts;
  readonly #keeper: FlowKeeper;
  #measurement: LifetimeMeasurement | undefined;
  #cancelMeasurement: CancelTimer | undefined;
  #measuredAt = Number.NEGATIVE_INFINITY;
  /** Losses of which the last measurement knew; undefined before the first. */
  #measuredLosses: number | undefined;

  constructor(runtime: Runtime, parts: ReachabilityParts) {
    this.#runtime = runtime;
    this.#parts = parts;
    this.#keeper = new FlowKeeper(runtime, {
      endpoint: parts.userAgent.endpoint,
      askBySip: (flow) => this.#askBySip(flow),
      onLost: (flow) => this.#renew(flow),
    });
    parts.registration.on('changed', (change) => this.#follow(change));
  }

  close(): void {
    this.#keeper.stop();
    this.#measurement?.close();
    this.#cancelMeasurement?.();
    this.#cancelMeasurement = undefined;
  }

  #follow({ state }: RegistrationEvents['changed']): void {
    const { flow } = this.#parts.registration;
    if (state === 'unregistered') this.close();
    // Whose address is everybody's is behind no NAT.
    if (state !== 'registered' || !flow || !isPrivate(flow.local.address)) return;
    this.#keeper.keep(flow);
    this.#planMeasurement(flow);
  }

  /** The binding leads nowhere any more; what is registered over the same or a new flow does. */
  #renew(flow: Flow): void {
    if (flow.connectionId === undefined) this.#parts.registration.renew();
    // Its loss is told to everybody who uses it, and the registration among them.
    else this.#parts.userAgent.endpoint.drop(flow);
  }

  async #askBySip(flow: Flow): Promise<boolean> {
    const { userAgent, account } = this.#parts;
    const { response } = await userAgent.request('OPTIONS', {
      target: account.registrar,
      from: account.aor,
      flow,
      timeoutMs: ANSWER_LIMIT_MS,
    });
    return response !== undefined;
  }

  #planMeasurement(flow: Flow): void {
    const { losses } = this.#keeper.udpInterval;
    const now = this.#runtime.clock.now();
    const isDue = losses !== this.#measuredLosses && now - this.#measuredAt >= MEASURE_AGAIN_AFTER_MS;
    if (!isDue || this.#cancelMeasurement || flow.protocol !== 'udp') return;
    this.#cancelMeasurement = this.#runtime.setTimer(now + MEASURE_AFTER_MS, () => {
      this.#cancelMeasurement = undefined;
      this.#measure(flow);
    });
  }

  #measure({ local, remote }: Flow): void {
    const { mapped, udpInterval } = this.#keeper;
    // Seen where it is, the phone is behind no NAT.
    if (!mapped || isSameEndpoint(mapped, local)) return;
    const { losses } = udpInterval;
    this.#measuredAt = this.#runtime.clock.now();
    this.#measuredLosses = losses;
    this.#measurement?.close();
    this.#measurement = new LifetimeMeasurement(this.#runtime, {
      address: local.address,
      server: remote,
      onMeasured: (aliveMs) => udpInterval.handleMeasured(aliveMs, losses),
    });
  }
}
