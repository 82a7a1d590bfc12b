// An agent that only answers checks (RFC 8445 §2.5): for a host whose addresses everybody reaches.
import { DecodeError, type Endpoint, formatEndpoint } from '../../core/index.ts';
import { decodeStun } from '../stun/index.ts';
import {
  type CheckFault,
  encodeCheckSuccess,
  encodeRoleConflict,
  encodeUnknownAttributes,
  type IncomingCheck,
  verifyCheck,
} from './check-message.ts';
import type { IceCredentials } from './types.ts';

export interface IceLiteOptions {
  /** Ours: whoever knows the password may check. */
  readonly credentials: IceCredentials;
  /** Of the peer; {@link IceLite.remoteUfrag} may be set later. */
  readonly remoteUfrag?: string;
}

/** What became of a check. */
export interface LiteCheck {
  /**
   * `answered` it proves that the peer is at `source`; `nominated` the peer wants the data there, too; `refused` it
   * proves nothing.
   */
  readonly verdict: 'answered' | 'nominated' | 'refused';
  /** To be sent to where the check came from. */
  readonly response?: Uint8Array;
  /** Why it was refused. */
  readonly fault?: CheckFault | 'replayed' | 'role-conflict' | 'unknown-attributes';
}

/** So many checks are remembered, that none works from another address when somebody sends it anew. */
const REMEMBERED_CHECKS = 64;

/** One component. It has no timers and no state but the last checks. */
export class IceLite {
  readonly credentials: IceCredentials;
  remoteUfrag: string | undefined;
  /** Where each of the last checks came from, by transaction; the oldest first. */
  readonly #sources = new Map<string, string>();

  constructor({ credentials, remoteUfrag }: IceLiteOptions) {
    this.credentials = credentials;
    this.remoteUfrag = remoteUfrag;
  }

  /** @param source - where the datagram came from, its address normalized */
  handleCheck(_now: number, bytes: Uint8Array, source: Endpoint): LiteCheck {
    const message = decodeStun(bytes);
    if (message instanceof DecodeError) return { verdict: 'refused', fault: 'not-a-check' };
    const check = verifyCheck(message, this.credentials, this.remoteUfrag);
    if (typeof check === 'string') return { verdict: 'refused', fault: check };
    if (this.#isReplayed(message.transactionKey, formatEndpoint(source))) {
      return { verdict: 'refused', fault: 'replayed' };
    }
    return this.#answer(check, source);
  }

  #answer(check: IncomingCheck, source: Endpoint): LiteCheck {
    if (check.unknownAttributes.length > 0) {
      const response = encodeUnknownAttributes(check, this.credentials);
      return { verdict: 'refused', fault: 'unknown-attributes', response };
    }
    // RFC 8445 §6.1.1: a full agent controls a lite one, whatever the tie-breakers are.
    if (check.role === 'controlled') {
      const response = encodeRoleConflict(check, this.credentials);
      return { verdict: 'refused', fault: 'role-conflict', response };
    }
    const response = encodeCheckSuccess(check, this.credentials, source);
    return { verdict: check.isNominating ? 'nominated' : 'answered', response };
  }

  /** A retransmission comes from where the check came from; what comes from elsewhere was recorded by somebody. */
  #isReplayed(transaction: string, source: string): boolean {
    const known = this.#sources.get(transaction);
    if (known !== undefined) return known !== source;
    this.#sources.set(transaction, source);
    const [oldest] = this.#sources.keys();
    if (this.#sources.size > REMEMBERED_CHECKS && oldest !== undefined) this.#sources.delete(oldest);
    return false;
  }
}
