// What the server keeps on disk, and the interface of whatever keeps it.
import type { BindingChange, Ha1s, StoredBinding } from '../../signaling/index.ts';
import type { ClosedRecord, Disposition, ForwardSettings, OpenedRecord } from '../call/index.ts';
import type { PhoneReport } from '../quality/index.ts';

/** A user as it is stored: no password, only what proves one (RFC 7616 §3.4.2 and §5.10). */
export interface StoredUser {
  readonly name: string;
  readonly displayName: string | undefined;
  readonly ha1s: Ha1s;
  readonly forward: ForwardSettings;
  /** `config`: the configuration file owns the user, and sets it again at every start. */
  readonly source: 'command' | 'config';
}

/** One conversation. The names are Asterisk's; times are ISO 8601 in UTC with milliseconds. */
export interface CallRecord {
  readonly uniqueid: string;
  readonly src: string;
  readonly dst: string;
  /** Who answered, where forwarding led to somebody other than `dst`. */
  readonly lastDst: string;
  readonly start: string;
  readonly answer: string | null;
  /** Null while the call lives. */
  readonly end: string | null;
  /** Whole seconds from start to end; 0 while the call lives. */
  readonly duration: number;
  /** Whole seconds from answer to end. */
  readonly billsec: number;
  readonly disposition: Disposition | null;
  /** Final SIP status of an unanswered call. */
  readonly status: number | null;
  readonly reason: string | null;
  /** Reports of both media legs, caller first. */
  readonly quality: ClosedRecord['quality'];
  /** Of the SIP dialogs of both parties, caller first. */
  readonly callIds: readonly string[];
  /** Paths of what was recorded of it: of each recording the mix first, the time line last. */
  readonly recordings: readonly string[];
  /** What phones said of the call themselves (RFC 6035), at most {@link MOST_PHONE_REPORTS}; they come after its end. */
  readonly phoneReports: readonly PhoneReport[];
}

/** One thing to be written. All are harmless when they come twice. */
export type StoreChange =
  | { readonly kind: 'setting'; readonly name: SettingName; readonly value: string }
  | { readonly kind: 'putUser'; readonly user: StoredUser }
  | { readonly kind: 'removeUser'; readonly name: string }
  | { readonly kind: 'forward'; readonly name: string; readonly forward: ForwardSettings }
  | { readonly kind: 'binding'; readonly change: BindingChange }
  | { readonly kind: 'openRecord'; readonly record: OpenedRecord }
  | { readonly kind: 'answerRecord'; readonly uniqueid: string; readonly answer: number }
  /** Takes the place of what was recorded before. */
  | { readonly kind: 'recordings'; readonly uniqueid: string; readonly recordings: readonly string[] }
  | { readonly kind: 'closeRecord'; readonly record: ClosedRecord }
  /** Takes the place of an earlier one of the same user and kind. */
  | { readonly kind: 'phoneReport'; readonly uniqueid: string; readonly report: PhoneReport }
  /** Closes what an earlier process left open: nobody else writes records while a server starts. */
  | { readonly kind: 'closeAbandoned'; readonly lastKnownAlive: number };

/**
 * `realm`: the one for which passwords are stored. `aliveAt`: wall clock at which a server last wrote. `followedUntil`:
 * wall clock until which a command wants to see live calls; `liveCalls`: what the server shows to it. `turnSecret`: by
 * which credentials for our TURN server are made.
 */
export type SettingName = 'realm' | 'turnSecret' | 'aliveAt' | 'followedUntil' | 'liveCalls';

/** Keeps everything. Methods are synchronous and short; what fails throws an `OperationError` `STORE_FAILED`. */
export interface Store {
  setting(name: SettingName): string | undefined;
  users(): readonly StoredUser[];
  user(name: string): StoredUser | undefined;
  /** Expired ones included. */
  bindings(): readonly StoredBinding[];
  /** The latest first. */
  records(limit: number): readonly CallRecord[];
  /** By uniqueid, or else the latest with a SIP Call-ID that begins so. */
  record(id: string): CallRecord | undefined;
  /** Writes all or nothing. */
  write(changes: readonly StoreChange[]): void;
  /** A number that changes whenever another process wrote. */
  foreignVersion(): number;
  close(): void;
}
