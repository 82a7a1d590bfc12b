// Checks as a peer would send them.
import { encodeCheck, type OutgoingCheck } from '../../../../nat/ice/check-message.ts';

export const LOCAL = { ufrag: 'local234', password: 'localpasswordlocalpassword' };
export const REMOTE = { ufrag: 'remote23', password: 'remotepasswordremotepassw' };

export const transactionId = (number: number): Uint8Array => new Uint8Array(12).fill(number);

/** A check of the agent with {@link REMOTE} for the agent with {@link LOCAL}. */
export function checkOf(change: Partial<OutgoingCheck> = {}): Uint8Array {
  return encodeCheck({
    transactionId: transactionId(1),
    remote: LOCAL,
    localUfrag: REMOTE.ufrag,
    priority: 0x6e0001ff,
    role: 'controlling',
    tieBreaker: 0x932ff9b151263b36n,
    isNominating: false,
    ...change,
  });
}
