// What a session takes from the user agent that owns it.
import type { Log, Runtime } from '../../core/index.ts';
import type { DialogTable } from '../dialog/index.ts';
import type { SipEndpoint } from '../endpoint/types.ts';
import type { HeaderField, SipRequest, SipResponse } from '../message/index.ts';
import type { SessionBase } from './session-base.ts';
import type { Credentials } from './types.ts';

/** The user agent, as its sessions see it. */
export interface SessionHost {
  readonly runtime: Runtime;
  readonly endpoint: SipEndpoint;
  readonly log: Log;
  readonly dialogs: DialogTable<SessionBase>;
  /** Seconds; 0 asks for no session timer (RFC 4028). */
  readonly sessionExpiresSeconds: number;
  /** Answers a 401 or 407; undefined where that is not possible or was tried already. */
  authorize(
    request: SipRequest,
    response: SipResponse,
    credentials: Credentials | undefined,
  ): readonly HeaderField[] | undefined;
  /** The session is over and is forgotten. */
  forget(session: SessionBase): void;
  /** An exception of ours: logged once, ends the session alone. */
  guard(session: SessionBase, work: () => void): void;
}
