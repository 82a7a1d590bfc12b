// What a session takes from the user agent that owns it.
import type { Log, Runtime } from '../../core/index.ts';
import type { DialogTable } from '../dialog/index.ts';
import type { SipEndpoint } from '../endpoint/types.ts';
import type { HeaderField, SipRequest, SipResponse } from '../message/index.ts';
import type { SessionBase } from './session-base.ts';
import type { TimerScheduler } from './timers.ts';
import type { Credentials } from './types.ts';

/** The user agent, as its sessions see it. */
export interface SessionHost {
  readonly runtime: Runtime;
  readonly endpoint: SipEndpoint;
  readonly log: Log;
  readonly dialogs: DialogTable<SessionBase>;
  readonly scheduler: TimerScheduler;
  /** Option tags that may be required of us. */
  readonly supportedOptions: ReadonlySet<string>;
  /** Seconds; 0 asks for no session timer (RFC 4028). */
  readonly sessionExpiresSeconds: number;
  /** Answers a 401 or 407; undefined where that is not possible or was tried already. */
  authorize(
    request: SipRequest,
    response: SipResponse,
    credentials: Credentials | undefined,
  ): readonly HeaderField[] | undefined;
  /** Counts work that outlives its session, a BYE above all, so that `close` waits for it. */
  track<Result>(work: Promise<Result>): Promise<Result>;
  /** The session is over and is forgotten. */
  forget(session: SessionBase): void;
  /** Runs an input of a session. An exception of ours is logged once, counted, and ends that session alone. */
  guard(session: SessionBase, work: () => void): void;
}
