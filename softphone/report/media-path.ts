// What the path of a call's sound adds to the report on it.
import { type Endpoint, formatEndpoint } from '../../core/index.ts';
import type { RtpSessionCounters } from '../../media/index.ts';
import type { CallPath } from '../call-path.ts';
import type { CallSockets } from '../call-sockets.ts';
import type { PathReportFacts } from './path.ts';

export interface MediaWay {
  readonly sockets: CallSockets;
  /** What is behind the sockets where we speak ICE. */
  readonly path?: CallPath | undefined;
  /** Whether calls go through a server. */
  readonly hasServer: boolean;
}

/** @param described - where the far end's description says; undefined before the answer */
export function pathFactsOf(
  { path, sockets, hasServer }: MediaWay,
  described: Endpoint | undefined,
): PathReportFacts {
  const plain = {
    selected: undefined,
    isLite: false,
    firstFoundAt: undefined,
    changes: 0,
    silentServers: [],
  };
  const facts = path?.facts ?? { ...plain, described };
  return { ...facts, hasServer, localText: formatEndpoint(sockets.rtp.local) };
}

/** With what did not get as far as the session. */
export function countersOver({ path }: MediaWay, counters: RtpSessionCounters): RtpSessionCounters {
  const unproven = path?.unproven ?? 0;
  if (unproven === 0) return counters;
  const discarded = { ...counters.discarded, 'unproven-path': unproven };
  return { ...counters, received: counters.received + unproven, discarded };
}
