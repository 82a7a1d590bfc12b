import { expect, test } from 'vitest';
import { silentLog } from '../../../core/index.ts';
import type { Flow, IncomingSession } from '../../../signaling/index.ts';
import { type InvitationParts, Invitations } from '../../../softphone/invitations.ts';
import { OpenCalls } from '../../../softphone/open-calls.ts';
import { FakeRuntime } from './fake-runtime.ts';

const FLOW: Flow = {
  protocol: 'udp',
  local: { address: '192.0.2.1', port: 5060 },
  remote: { address: '192.0.2.2', port: 5060 },
  connectionId: undefined,
};
const DATA_OFFER = [
  'v=0',
  'o=- 1 1 IN IP4 192.0.2.2',
  's=-',
  't=0 0',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'c=IN IP4 192.0.2.2',
  '',
].join('\r\n');

function invitation(statuses: number[]): IncomingSession {
  const session: Partial<IncomingSession> = {
    offerSdp: DATA_OFFER,
    state: 'early',
    on: () => () => {},
    reject: (status) => void statuses.push(status),
  };
  // All that an invitation for data is asked for.
  return session as IncomingSession;
}

test('invitations that come while the package is loaded do not exceed the calls that a phone takes', async () => {
  const statuses: number[] = [];
  const openCalls = new OpenCalls(silentLog);
  const parts: Partial<InvitationParts> = {
    options: { maxCalls: 2 },
    openCalls,
    // The real one has binaries, and no two threads of a process may load it.
    loadLibrary: async () => ({}),
    callee: { takesCalls: true, takesData: true, handleCall: () => {}, handleDataCall: () => {} },
  };
  // Data needs neither sounds nor paths before it is accepted.
  const invitations = new Invitations(new FakeRuntime(), parts as InvitationParts);
  for (let count = 0; count < 5; count += 1) invitations.handleInvite(invitation(statuses), FLOW);
  await Promise.resolve();
  await Promise.resolve();
  expect([openCalls.size, statuses]).toEqual([2, [486, 486, 486]]);
});
