// The registrar (RFC 3261 §10.3, with RFC 3327 Path and the reg-id rule of RFC 5626 §6).
import {
  formatNameAddr,
  type HeaderField,
  isSameUri,
  type NameAddr,
  type SipRequest,
  type Uri,
} from '../message/index.ts';
import type { Flow } from '../transport/types.ts';
import { BindingTable } from './binding-table.ts';
import { MAX_CONTACTS } from './limits.ts';
import { type Asked, type AskedContact, readRegister, refusal } from './register-request.ts';
import type { Binding, BindingChange, RegisterResult, StoredBinding } from './types.ts';

export interface RegistrarOptions {
  /** The address-of-record that a To means here, in the one form under which it is kept; undefined: none of ours. */
  aorOf(to: Uri): string | undefined;
}

/** Circumstances of one REGISTER. */
export interface RegisterContext {
  /** The address-of-record that the authenticated user owns. */
  readonly aor: string;
  readonly flow: Flow;
  /** Milliseconds since 1970, at `now`. */
  readonly wallClock: number;
}

/** Answers REGISTER and finds the phones of a user. A timed machine: drive it, and persist what `takeChanges` gives. */
export class Registrar {
  readonly #aorOf: (to: Uri) => string | undefined;
  readonly #table = new BindingTable();
  #lastId = 0;
  #dateSecond = Number.NaN;
  #date = '';

  constructor(options: RegistrarOptions) {
    this.#aorOf = (to) => options.aorOf(to);
  }

  /** Bindings of all users. */
  get bindingCount(): number {
    return this.#table.size;
  }

  /** Of all users, with those that have just expired. */
  get bindings(): readonly Binding[] {
    return this.#table.all();
  }

  /** Takes over what an earlier process left. Its connections are gone; a UDP flow is as good as before. */
  restore(now: number, wallClock: number, stored: readonly StoredBinding[]): void {
    for (const binding of stored) {
      this.#lastId = Math.max(this.#lastId, binding.id);
      const flow = binding.flow?.connectionId === undefined ? binding.flow : undefined;
      this.#table.restore({ ...binding, flow, expiresAt: now + binding.expiresWallClock - wallClock });
    }
    this.#table.handleTimeout(now);
  }

  handleRegister(now: number, request: SipRequest, context: RegisterContext): RegisterResult {
    const aor = this.#aorOf(request.to.uri);
    // §10.3 steps 4 and 5. Who asks is known by now, so that 404 and 403 tell nothing to strangers.
    if (aor === undefined) return refusal(404);
    if (aor !== context.aor) return refusal(403);
    this.#table.handleTimeout(now);
    const asked = readRegister(request);
    if (asked.kind === 'refused') return asked.result;
    const plan = this.#plan(now, request, { ...context, asked });
    if (plan === 'outOfOrder') return refusal(500, 'Out Of Order');
    // §10.3 step 7: all or nothing, so nothing is touched before everything is known to be right.
    for (const binding of plan.removed) this.#table.remove(binding);
    for (const binding of plan.put) this.#table.put(binding);
    return { status: 200, reason: undefined, headers: this.#headersOf(now, request, context) };
  }

  /** Live bindings: highest q first, of equals the one that registered last. */
  lookup(aor: string, now: number): readonly Binding[] {
    const live = this.#table.of(aor).filter((binding) => binding.expiresAt > now);
    return live.toSorted((a, b) => b.q - a.q || b.expiresAt - a.expiresAt || b.id - a.id);
  }

  /** Drops every binding of a user who exists no more. */
  removeAll(aor: string): void {
    for (const binding of this.#table.of(aor)) this.#table.remove(binding);
  }

  /** A connection is gone: its bindings end where they promised nothing else, and lose their flow otherwise. */
  handleFlowLost(flow: Flow): void {
    for (const binding of this.#table.over(flow)) {
      // RFC 5626 §4.2 and §6: with reg-id the flow is the binding; without, the Contact may still be connected to.
      if (binding.regId !== undefined) this.#table.remove(binding);
      else this.#table.put({ ...binding, flow: undefined });
    }
  }

  nextTimeoutAt(): number | undefined {
    return this.#table.nextTimeoutAt();
  }

  handleTimeout(now: number): void {
    this.#table.handleTimeout(now);
  }

  /** What is to be persisted since the last call. */
  takeChanges(): readonly BindingChange[] {
    return this.#table.takeChanges();
  }

  #plan(
    now: number,
    request: SipRequest,
    context: RegisterContext & { readonly asked: Exclude<Asked, { kind: 'refused' }> },
  ): Plan | 'outOfOrder' {
    const { asked, aor } = context;
    const old = this.#table.of(aor);
    if (asked.kind === 'fetch') return { put: [], removed: [] };
    if (asked.kind === 'removeAll') {
      return old.some((binding) => orderOf(binding, request) !== 'newer')
        ? 'outOfOrder'
        : { put: [], removed: [...old] };
    }
    const plan: Plan = { put: [], removed: [] };
    for (const contact of asked.contacts) {
      // A contact that is named twice in one request was bound by the first: the second has its CSeq.
      const bound = findBinding([...plan.put, ...old], contact);
      const order = bound ? orderOf(bound, request) : 'newer';
      if (order === 'older') return 'outOfOrder';
      if (order === 'same') continue;
      if (contact.expiresSeconds > 0) plan.put.push(this.#bind(now, request, { ...context, contact, bound }));
      else if (bound) plan.removed.push(bound);
    }
    plan.removed.push(...surplus(old, plan));
    return plan;
  }

  #bind(
    now: number,
    request: SipRequest,
    context: RegisterContext & { readonly contact: AskedContact; readonly bound: Binding | undefined },
  ): Binding {
    const { aor, flow, wallClock, contact, bound } = context;
    const lifetimeMs = contact.expiresSeconds * 1000;
    if (!bound) this.#lastId += 1;
    return {
      id: bound?.id ?? this.#lastId,
      aor,
      contact: contact.contact,
      path: request.paths,
      flow: isReachedOver(flow, request) ? flow : undefined,
      q: contact.q,
      expiresAt: now + lifetimeMs,
      expiresWallClock: wallClock + lifetimeMs,
      instanceId: contact.instanceId,
      regId: contact.regId,
      ...(contact.knowsIce ? { knowsIce: true } : {}),
      userAgent: request.header('User-Agent')?.slice(0, MAX_USER_AGENT_LENGTH),
      callId: request.callId,
      sequenceNumber: request.cseq.sequenceNumber,
    };
  }

  /** RFC 3261 §20.17. Made once a second: it costs as much as all else of an answer. */
  #dateText(wallClock: number): string {
    const second = Math.floor(wallClock / 1000);
    if (second !== this.#dateSecond) {
      this.#dateSecond = second;
      this.#date = new Date(second * 1000).toUTCString();
    }
    return this.#date;
  }

  /** §10.3 step 8: all current bindings, with the seconds that each one has left. */
  #headersOf(now: number, request: SipRequest, context: RegisterContext): readonly HeaderField[] {
    const contacts = this.#table
      .of(context.aor)
      .map((binding): HeaderField => ['Contact', contactOf(binding, now)]);
    // RFC 3327 §5.3: the phone learns by which way it will be reached.
    const paths = request.paths.map((path): HeaderField => ['Path', formatNameAddr(path)]);
    return [...contacts, ...paths, ['Date', this.#dateText(context.wallClock)]];
  }
}

/** What a REGISTER will change. */
interface Plan {
  readonly put: Binding[];
  readonly removed: Binding[];
}

const MAX_USER_AGENT_LENGTH = 200;

/** RFC 5626 §6: instance and reg-id tell a phone through all its addresses; otherwise the URI does (§10.3 step 7). */
function findBinding(bindings: readonly Binding[], contact: AskedContact): Binding | undefined {
  const { instanceId, regId } = contact;
  const sameFlow =
    instanceId !== undefined && regId !== undefined
      ? bindings.find((binding) => binding.instanceId === instanceId && binding.regId === regId)
      : undefined;
  return sameFlow ?? bindings.find((binding) => isSameUri(binding.contact, contact.contact));
}

/**
 * RFC 3261 §10.3 step 7: within one Call-ID a lower CSeq comes late and must change nothing.
 *
 * Departs from RFC 3261 §10.3: the same CSeq again is answered with 200 and changes nothing. It is the same request,
 * whose answer got lost while the server was restarted.
 */
function orderOf(binding: Binding, request: SipRequest): 'newer' | 'same' | 'older' {
  const { sequenceNumber } = request.cseq;
  if (binding.callId !== request.callId || sequenceNumber > binding.sequenceNumber) return 'newer';
  return sequenceNumber === binding.sequenceNumber ? 'same' : 'older';
}

/** Bindings that must go for the new ones: those that would expire first. A phone without memory fills its own table. */
function surplus(old: readonly Binding[], plan: Plan): readonly Binding[] {
  const touched = new Set([...plan.put, ...plan.removed].map((binding) => binding.id));
  const untouched = old.filter((binding) => !touched.has(binding.id));
  const excess = untouched.length + plan.put.length - MAX_CONTACTS;
  return excess <= 0 ? [] : untouched.toSorted((a, b) => a.expiresAt - b.expiresAt).slice(0, excess);
}

/**
 * Whether the phone itself is at the other end of the flow and listens there: it came straight to us, and over a
 * connection or with `rport`, by which a phone says that it sends and receives on one port (RFC 3581 §3).
 */
function isReachedOver(flow: Flow, request: SipRequest): boolean {
  if (request.vias.length !== 1) return false;
  return flow.connectionId !== undefined || request.topVia.parameters.has('rport');
}

function contactOf(binding: Binding, now: number): string {
  const parameters = new Map<string, string | undefined>();
  parameters.set('expires', String(Math.max(0, Math.ceil((binding.expiresAt - now) / 1000))));
  if (binding.q !== 1) parameters.set('q', String(binding.q));
  if (binding.instanceId !== undefined) parameters.set('+sip.instance', binding.instanceId);
  if (binding.regId !== undefined) parameters.set('reg-id', binding.regId);
  const address: NameAddr = { displayName: undefined, uri: binding.contact, parameters };
  return formatNameAddr(address);
}
