// What the registrar keeps of each phone.
import type { HeaderField, NameAddr, SipUri } from '../message/index.ts';
import type { Flow } from '../transport/types.ts';

/** One Contact under one address-of-record (RFC 3261 §10). Immutable: a refresh makes a new one with the same id. */
export interface Binding {
  /** Unique in one registrar, and kept over restarts. */
  readonly id: number;
  /** The address-of-record, as {@link RegistrarOptions.aorOf} gave it. */
  readonly aor: string;
  /** Without the headers that it may have had: nobody's later call is routed by them. */
  readonly contact: SipUri;
  /** To be visited on the way to the contact, topmost first (RFC 3327). */
  readonly path: readonly NameAddr[];
  /** Over which the phone is reached; undefined where its Contact is to be resolved instead. */
  readonly flow: Flow | undefined;
  /** Preference, 0 to 1; 1 where the phone gave none. */
  readonly q: number;
  /** Monotonic milliseconds. */
  readonly expiresAt: number;
  /** The same moment by the calendar, for what outlives the process. */
  readonly expiresWallClock: number;
  /** `+sip.instance`, as received with its quotes (RFC 5626 §4.1). */
  readonly instanceId: string | undefined;
  /** `reg-id` (RFC 5626 §4.2). */
  readonly regId: string | undefined;
  readonly userAgent: string | undefined;
  /** `+sip.ice` (RFC 5768). A store need not keep it: it comes again with the next refresh. */
  readonly knowsIce?: boolean;
  readonly callId: string;
  readonly sequenceNumber: number;
}

/** A binding as it is loaded after a restart: its deadline is in calendar time alone. */
export type StoredBinding = Omit<Binding, 'expiresAt'>;

/** What is to be persisted. */
export type BindingChange =
  | { readonly kind: 'put'; readonly binding: Binding }
  | { readonly kind: 'remove'; readonly id: number; readonly aor: string };

/**
 * Where bindings outlive the process. The driver of a registrar hands it what `takeChanges` gives. No method waits
 * for the disk or throws: a REGISTER is answered from memory.
 */
export interface RegistrarStore {
  /** @returns all bindings that were live when the process ended, expired ones perhaps among them */
  loadBindings(): readonly StoredBinding[];
  saveBindings(changes: readonly BindingChange[]): void;
}

/** The answer to a REGISTER. */
export interface RegisterResult {
  readonly status: number;
  /** Reason phrase where the default says too little. */
  readonly reason: string | undefined;
  readonly headers: readonly HeaderField[];
}
