// Who the callee is told is calling: always the authenticated user, or nobody.
import {
  formatNameAddr,
  type HeaderField,
  type NameAddr,
  type SipRequest,
  sipUri,
} from '../../signaling/index.ts';
import { addressOfRecord } from './dial-plan.ts';
import type { Account } from './types.ts';

/** The identity of a caller as it is shown to one destination. */
export interface CallerIdentity {
  readonly from: NameAddr;
  readonly headers: readonly HeaderField[];
}

const ANONYMOUS: NameAddr = {
  displayName: 'Anonymous',
  // RFC 3323 §4.1.1.3.
  uri: sipUri({ user: 'anonymous', host: 'anonymous.invalid' }),
  parameters: new Map(),
};

/**
 * Whatever From the phone wrote is ignored. A caller who asked for privacy (RFC 3323) is anonymous.
 *
 * @param trusted - whether the destination is ours and may see P-Asserted-Identity (RFC 3325 §5)
 */
export function callerIdentity(
  user: Account,
  invite: SipRequest,
  options: { readonly realm: string; readonly trusted: boolean },
): CallerIdentity {
  const own: NameAddr = {
    displayName: user.displayName,
    uri: addressOfRecord(user.name, options.realm),
    parameters: new Map(),
  };
  const privacy =
    invite
      .header('Privacy')
      ?.toLowerCase()
      .split(';')
      .map((value) => value.trim()) ?? [];
  if (privacy.some((value) => value === 'id' || value === 'user' || value === 'header')) {
    return { from: ANONYMOUS, headers: [['Privacy', privacy.join(';')]] };
  }
  return { from: own, headers: options.trusted ? [['P-Asserted-Identity', formatNameAddr(own)]] : [] };
}
