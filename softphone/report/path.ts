// By what way the sound of a call went.
import { formatEndpoint } from '../../core/index.ts';
import type { CandidateType } from '../../nat/index.ts';
import type { PathFacts } from '../call-path.ts';
import type { SecuredFacts } from '../secure/secure-peer.ts';

/** Addresses are `host:port`, IPv6 in brackets. What does not apply is null. */
export interface CallPathReport {
  /**
   * `direct` to the far end itself; `relayed` through a TURN server of either side; `server` through the phone system;
   * `described`: to where the far end's description says, and nobody proved more.
   */
  readonly kind: 'direct' | 'relayed' | 'server' | 'described';
  readonly localType: CandidateType | null;
  readonly remoteType: CandidateType | null;
  /** How the far end sees us, where that was proven, or else where we listen. */
  readonly local: string;
  /** Where sound is sent to. */
  readonly remote: string;
  /** From the answer to the first path that was found. */
  readonly setupMs: number | null;
  /** How often another path took its place. */
  readonly changes: number;
}

export interface PathReportFacts extends PathFacts {
  /** Whether calls go through a server, in whose description the far end's place is taken by the server. */
  readonly hasServer: boolean;
  /** Where we listen, as `host:port`. */
  readonly localText: string;
}

/** @param setupMs - from the answer to {@link PathFacts.firstFoundAt} */
export function pathReportOf(facts: PathReportFacts, setupMs: number | null): CallPathReport | null {
  const { selected, described, changes, localText } = facts;
  const remote = selected?.remote ?? described;
  if (!remote) return null;
  return {
    kind: kindOf(facts),
    localType: selected?.localType ?? null,
    remoteType: selected?.remoteType ?? null,
    local: selected ? formatEndpoint(selected.local) : localText,
    remote: formatEndpoint(remote),
    setupMs,
    changes,
  };
}

/** Of a path that is secured end to end. */
export function securedPathOf(
  { selected, changes }: Pick<SecuredFacts, 'selected' | 'changes'>,
  setupMs: number | null,
): CallPathReport | null {
  if (!selected) return null;
  const { local, remote, localType, remoteType } = selected;
  const isRelayed = localType === 'relayed' || remoteType === 'relayed';
  return {
    kind: isRelayed ? 'relayed' : 'direct',
    localType,
    remoteType,
    local: formatEndpoint(local),
    remote: formatEndpoint(remote),
    setupMs,
    changes,
  };
}

function kindOf({ selected, described, isLite, hasServer }: PathReportFacts): CallPathReport['kind'] {
  if (!selected) return hasServer ? 'server' : 'described';
  const { remote, localType, remoteType } = selected;
  const isDescribed = remote.address === described?.address && remote.port === described.port;
  // What a server describes is the server's, and only a server is lite.
  if (isLite || (hasServer && isDescribed)) return 'server';
  return localType === 'relayed' || remoteType === 'relayed' ? 'relayed' : 'direct';
}

const TYPE_WORDS: Readonly<Record<CandidateType, string>> = {
  host: 'host',
  serverReflexive: 'server-reflexive',
  peerReflexive: 'peer-reflexive',
  relayed: 'relayed',
};

/** `direct (server-reflexive to host), found 84 ms after the answer` */
export function pathText(path: CallPathReport): string {
  const { setupMs, changes } = path;
  const parts = [
    wayText(path),
    setupMs === null ? undefined : `found ${Math.round(setupMs)} ms after the answer`,
    changes === 0 ? undefined : `changed ${changes === 1 ? 'once' : `${changes} times`}`,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

function wayText({ kind, localType, remoteType, remote }: CallPathReport): string {
  if (kind === 'server') return `through the server at ${remote}`;
  if (kind === 'described') return `to ${remote}, as the far end described it`;
  const types = localType && remoteType ? ` (${TYPE_WORDS[localType]} to ${TYPE_WORDS[remoteType]})` : '';
  return `${kind === 'direct' ? 'direct' : 'through a TURN relay'}${types}`;
}
