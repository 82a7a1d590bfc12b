// Drives the registrar: one timer, its changes to the store, and phones for those who call.
import { Driver, isSameEndpoint, type Runtime } from '../core/index.ts';
import {
  type Binding,
  type BindingChange,
  type Flow,
  type HeaderField,
  type IncomingRequest,
  Registrar,
  type SipEndpoint,
  type SipRequest,
  type Uri,
  unescapeUser,
} from '../signaling/index.ts';
import type { Account, Bindings, Reachable } from './call/index.ts';
import type { StoreJournal } from './store/index.ts';
import type { TurnDesk } from './turn/index.ts';

export interface RegistrationsOptions {
  readonly runtime: Runtime;
  readonly journal: StoreJournal;
  isLocalHost(host: string): boolean;
  /** What phones are told of TURN. */
  readonly turn: Pick<TurnDesk, 'headersFor'>;
}

/** Where everybody's phones are. */
export class Registrations implements Bindings {
  readonly #runtime: Runtime;
  readonly #registrar: Registrar;
  readonly #driver: Driver;
  readonly #turn: RegistrationsOptions['turn'];
  /** Told of every change of the bindings; those that a restart found are not among them. */
  onChanges: ((changes: readonly BindingChange[]) => void) | undefined;
  #endpoint: SipEndpoint | undefined;

  constructor(options: RegistrationsOptions) {
    const { runtime, journal, isLocalHost } = options;
    this.#runtime = runtime;
    this.#turn = options.turn;
    this.#registrar = new Registrar({ aorOf: (to) => userOf(to, isLocalHost) });
    this.#driver = new Driver(runtime, this.#registrar, () => {
      const changes = this.#registrar.takeChanges();
      journal.saveBindings(changes);
      this.onChanges?.(changes);
    });
    const stored = journal.loadBindings();
    this.#driver.run((now) => this.#registrar.restore(now, runtime.clock.wallClock(), stored));
  }

  /** Bindings over a lost connection end, or go back to their Contact. */
  attach(endpoint: SipEndpoint): void {
    this.#endpoint = endpoint;
    endpoint.on('flowLost', (flow) => this.#driver.run(() => this.#registrar.handleFlowLost(flow)));
  }

  /** Those that live. */
  bindings(): readonly Binding[] {
    return this.#registrar.bindings;
  }

  get bindingCount(): number {
    return this.#registrar.bindingCount;
  }

  /** Answers a REGISTER of an authenticated user. */
  handleRegister({ request, flow, respond }: IncomingRequest, user: Account): void {
    const result = this.#driver.run((now) => {
      const wallClock = this.#runtime.clock.wallClock();
      return this.#registrar.handleRegister(now, request, { aor: user.name, flow, wallClock });
    });
    this.#log(request, user, result.status);
    respond(result.status, {
      headers: result.status === 200 ? [...result.headers, ...this.#turnHeaders(user, flow)] : result.headers,
      ...(result.reason === undefined ? {} : { reason: result.reason }),
    });
  }

  /** With the address of ours that the phone sees. */
  #turnHeaders(user: Account, flow: Flow): readonly HeaderField[] {
    const contact = this.#endpoint?.contactFor(flow, undefined).uri;
    const isHost = contact?.scheme === 'sip' || contact?.scheme === 'sips';
    return isHost ? this.#turn.headersFor(user.name, contact.host.replace(/^\[|\]$/g, '')) : [];
  }

  reachable(user: string): readonly Reachable[] {
    const bindings = this.#registrar.lookup(user, this.#runtime.clock.now());
    return bindings.map((binding) => ({
      contact: binding.contact,
      path: binding.path,
      flow: this.#usable(binding),
      isOurs: true,
      knowsIce: binding.knowsIce === true,
    }));
  }

  /** The user is gone. */
  removeUser(name: string): void {
    this.#driver.run(() => this.#registrar.removeAll(name));
  }

  close(): void {
    this.#driver.close();
  }

  /** After a restart the server may listen elsewhere: a flow of a socket that is no more leads nowhere. */
  #usable({ flow }: Binding): Flow | undefined {
    if (flow?.connectionId !== undefined) return flow;
    const isOurs = this.#endpoint?.listening.some(
      ({ protocol, local }) => flow && protocol === flow.protocol && isSameEndpoint(local, flow.local),
    );
    return isOurs ? flow : undefined;
  }

  #log(request: SipRequest, user: Account, status: number): void {
    const fields = { user: user.name, status, callId: request.callId };
    if (status === 200) this.#runtime.log.debug(fields, 'registered');
    else this.#runtime.log.info(fields, 'registration refused');
  }
}

/** The user whom a To names, where it is one of ours. */
function userOf(to: Uri, isLocalHost: (host: string) => boolean): string | undefined {
  if (to.scheme !== 'sip' && to.scheme !== 'sips') return undefined;
  return to.user !== undefined && isLocalHost(to.host) ? unescapeUser(to.user) : undefined;
}
