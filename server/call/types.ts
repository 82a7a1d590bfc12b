// What calls need from the rest of the server, and what the server needs from them.
import type { Runtime } from '../../core/index.ts';
import type { MediaEngine, RecordingNote, RecordingTarget } from '../../media/index.ts';
import type { LocalPeer } from '../../nat/index.ts';
import type { Flow, IncomingSession, NameAddr, Uri, UserAgent } from '../../signaling/index.ts';
import type { MediaAddresses } from '../addresses/index.ts';
import type { MediaCapabilities } from './party.ts';
import type { PartyReport } from './party-facts.ts';
import type { Served } from './served.ts';

/** The four forwardings of a user. A target is a user name, a number or a SIP URI, as a person writes it. */
export interface ForwardSettings {
  readonly always?: string | undefined;
  readonly busy?: string | undefined;
  readonly noAnswer?: { readonly target: string; readonly afterSeconds: number } | undefined;
  /** Nobody registered, or no phone reacted. */
  readonly unreachable?: string | undefined;
}

export type ForwardKind = keyof ForwardSettings;

/** A user of the phone system, as calls see one. */
export interface Account {
  readonly name: string;
  readonly displayName: string | undefined;
  readonly forward: ForwardSettings;
}

/** Who has a phone here, and where forwarding is changed by star codes. */
export interface Directory {
  account(name: string): Account | undefined;
  /** @param target - undefined switches the forwarding off */
  setForward(name: string, kind: ForwardKind, target: string | undefined): void;
}

/** Where one phone of a user is registered. */
export interface Reachable {
  /** The Contact of the binding: the Request-URI of calls to it. */
  readonly contact: Uri;
  /** RFC 3327: to be visited on the way. */
  readonly path: readonly NameAddr[];
  /** The flow over which it registered; undefined after a restart of a server that knew a connection. */
  readonly flow: Flow | undefined;
  /** A phone of one of our users, which may learn how others are reached; false where not given. */
  readonly isOurs?: boolean;
  /** Its Contact says that it knows ICE (RFC 5768); false where not given. */
  readonly knowsIce?: boolean;
}

export interface Bindings {
  /** Live bindings of a user, best first. */
  reachable(user: string): readonly Reachable[];
}

/** Asterisk's four outcomes. */
export type Disposition = 'ANSWERED' | 'NO ANSWER' | 'BUSY' | 'FAILED';

/** A call record as it is opened; times in wall-clock milliseconds. */
export interface OpenedRecord {
  readonly uniqueid: string;
  readonly src: string;
  readonly dst: string;
  readonly start: number;
  /** Of the caller's SIP dialog. */
  readonly callId: string;
}

/** Who took a call: a user, a URI, or the name of a service. */
export interface AnsweringParty {
  readonly who: string;
  /** Of its SIP dialog; undefined where the server itself answered. */
  readonly callId: string | undefined;
}

/** A call that is not over; times in wall-clock milliseconds. */
export interface LiveCall extends OpenedRecord {
  /** As {@link ClosedRecord.lastDst}. */
  readonly lastDst: string;
  readonly answer: number | null;
  readonly callIds: readonly string[];
  /** As both legs stand now, caller first. */
  readonly quality: readonly PartyReport[];
}

/** What is known of a record when its call is over. */
export interface ClosedRecord {
  readonly uniqueid: string;
  /** Who answered, where forwarding led to somebody other than `dst`. */
  readonly lastDst: string;
  readonly answer: number | null;
  readonly end: number;
  readonly disposition: Disposition;
  /** Final SIP status of an unanswered call, and a sentence on why it ended. */
  readonly status: number | null;
  readonly reason: string;
  /** Reports of both media legs, caller first. */
  readonly quality: readonly PartyReport[];
  /** Of the SIP dialogs of both parties, caller first. */
  readonly callIds: readonly string[];
  /** Paths of what was recorded of it. */
  readonly recordings: readonly string[];
}

/** Writes call records. Neither method waits for the disk or throws. */
export interface CallRecords {
  open(record: OpenedRecord): void;
  answered(uniqueid: string, answer: number, by: AnsweringParty): void;
  /** @param recordings - paths of all that was recorded of the call so far: a crash must not lose them */
  recorded(uniqueid: string, recordings: readonly string[]): void;
  close(record: ClosedRecord): void;
}

/** Paths of what a caller hears before a call is refused. */
export interface Announcements {
  readonly busy?: string | undefined;
  readonly noAnswer?: string | undefined;
  readonly unknownNumber?: string | undefined;
  /** No phone is registered, or none reacts. */
  readonly unavailable?: string | undefined;
}

/** Conference rooms, as calls reach them. */
export interface RoomDoor {
  /** Whether a dialled name means a room, where no user is called so. */
  isRoom(dialled: string): boolean;
  /** The key with which legs that may come into the room are opened: they share a worker. */
  callKeyOf(room: string): string;
  /** Serves a caller until they leave the room. @returns why it ended */
  serve(room: string, served: Served): Promise<string>;
}

/** Records what it is given, under names that tell of the call. */
export interface CallRecorder {
  /**
   * @param onFailed - it ended by itself; the call goes on
   * @throws OperationError where it cannot be recorded
   */
  start(
    what: { readonly target: RecordingTarget; readonly title: string },
    onFailed?: (reason: string) => void,
  ): Promise<RunningRecording>;
}

export interface RunningRecording {
  /** So far. */
  readonly files: readonly string[];
  /** Never rejects. */
  note(note: RecordingNote): void;
  /** Never rejects. @returns all files */
  stop(): Promise<readonly string[]>;
}

/** The relays of phones, which reach nothing of this machine but what is admitted. */
export interface RelayDoor {
  /** @returns what ends it; to be called before the sockets are closed */
  admit(peers: readonly LocalPeer[]): () => void;
}

/** Limits and names that calls take from the configuration. */
export interface CallSettings {
  /** Host of local addresses-of-record, and the digest realm. */
  readonly realm: string;
  /** Whether a host in a URI means this server. */
  isLocalHost(host: string): boolean;
  /** Longest ringing, in seconds, where no forwarding cuts it short. */
  readonly ringSeconds: number;
  /** Calls at once; more are refused with 503. */
  readonly maxCalls: number;
  readonly media: MediaCapabilities;
  /** Whether phones may speak past the server, where nothing here has to hear them. */
  readonly mayBeDirect: boolean;
  /** Whether calls that are secured end to end are passed on. */
  readonly passesSecured: boolean;
  /** Path of what a held party hears; undefined where the holder's phone is to play something. */
  readonly holdMusic: string | undefined;
  /** Which calls are recorded, and whether a tone says so. */
  readonly recording: { readonly calls: 'never' | 'always' | 'onDemand'; readonly beep: boolean };
  readonly announcements: Announcements;
}

/** Everything that a call stands on. */
export interface CallDependencies {
  readonly runtime: Runtime;
  readonly userAgent: UserAgent;
  readonly media: MediaEngine;
  readonly addresses: MediaAddresses;
  readonly relays: RelayDoor;
  readonly directory: Directory;
  readonly bindings: Bindings;
  readonly records: CallRecords;
  readonly rooms: RoomDoor;
  readonly recorder: CallRecorder;
  readonly settings: CallSettings;
}

/** A new call from an authenticated user. */
export interface IncomingCall {
  readonly session: IncomingSession;
  readonly flow: Flow;
  readonly user: Account;
}

/** What the server asks of its calls. */
export interface CallHandler {
  /** Takes the call over: whatever becomes of it, the session ends and the record is closed. */
  handleInvite(call: IncomingCall): void;
  readonly callCount: number;
  /** The latest calls that are not over, so many at most, the latest first. Never rejects. */
  live(limit: number): Promise<readonly LiveCall[]>;
  /** Waits until the calls are over, ends those that are left after `limitMs`, and resolves when all records are closed. */
  drain(limitMs: number): Promise<void>;
}
