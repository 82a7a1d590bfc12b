// Calls between a phone of ours and a peer that is told every step, up to where a test takes over.
import type { IncomingSession, SipRequest } from '../../../../signaling/index.ts';
import { expectEmpty, type World } from '../../../support/index.ts';
import { type SessionLog, type TestPhone, watchSession } from '../../../support/test-phone.ts';
import { phoneAndPeer, type RawPeer } from './raw-peer.ts';

/** The peer's description. */
export const SDP =
  'v=0\r\no=bob 1 1 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';

/** Plays on until every timer has run out, and finds every table empty. */
export async function expectNothingLeft(world: World, phone: TestPhone): Promise<void> {
  await world.run(100_000);
  const { userAgent } = phone;
  expectEmpty({
    sessions: userAgent.sessionCount,
    dialogs: userAgent.dialogCount,
    timers: userAgent.timerCount,
    transactions: userAgent.endpoint.transactionCount,
    invariants: userAgent.invariantFailures,
  });
  await world.complete(phone.close());
}

export interface Incoming {
  readonly phone: TestPhone;
  readonly peer: RawPeer;
  readonly session: IncomingSession;
  readonly log: SessionLog;
  readonly invite: SipRequest;
  readonly toTag: string;
}

/** The peer calls, and the phone rings. */
export async function called(
  world: World,
  options: { readonly headers?: readonly [string, string][]; readonly sdp?: string | undefined } = {
    sdp: SDP,
  },
): Promise<Incoming> {
  const { phone, peer } = await phoneAndPeer(world);
  const { headers = [], sdp } = options;
  const invite = peer.request('INVITE', 1, { headers, ...(sdp === undefined ? {} : { body: sdp }) });
  await world.runUntil(() => peer.responses.some(({ status }) => status === 180), { what: 'ringing' });
  const [session] = phone.incoming;
  const toTag = peer.responses.find(({ status }) => status === 180)?.toTag;
  if (!session || toTag === undefined) throw new Error('no call');
  return { phone, peer, session, log: watchSession(session), invite, toTag };
}

/** … and it is answered, up to the ACK where `acknowledged` is not false. */
export async function answered(
  world: World,
  options: { readonly acknowledged?: boolean } = {},
): Promise<Incoming> {
  const call = await called(world);
  call.session.accept({ sdp: call.phone.sdp() });
  await world.runUntil(() => call.peer.statuses('INVITE', 1).includes(200), { what: 'the answer' });
  if (options.acknowledged !== false) call.peer.request('ACK', 1, { toTag: call.toTag });
  await world.run(50);
  return call;
}
