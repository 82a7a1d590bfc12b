// Calls that end at the server itself: the echo test, and the star codes that set forwarding.
import {
  formatUri,
  type IncomingSession,
  type RemoteOffer,
  type SessionDescription,
  type SessionEnd,
} from '../../signaling/index.ts';
import { readSdp } from './branch.ts';
import { addressOfRecord, type Destination, destinationOfTarget } from './dial-plan.ts';
import type { PartyMedia } from './party.ts';
import { REASONS } from './reasons.ts';
import type { Account, CallDependencies } from './types.ts';

/** A caller that is served here: its session, its leg, and what it offered. */
export interface Served {
  readonly dependencies: CallDependencies;
  readonly session: IncomingSession;
  readonly media: PartyMedia;
  readonly offer: SessionDescription;
  readonly user: Account;
  /** Called when the caller has been answered. */
  onAnswered(): void;
  /** Ends the call before it was answered, and says so in its record. */
  refuse(status: number, reason: string): void;
}

/** Plays the caller's own sound back until they hang up. */
export async function serveEcho(served: Served): Promise<string> {
  // Asked before anything takes time: the caller may hang up meanwhile.
  const ended = sessionEnd(served.session);
  if (!(await answerHere(served))) return refuseFormats(served);
  await served.dependencies.media.echo(served.media.legId);
  return (await ended).reason;
}

/** Sets or cancels a forwarding of the caller's own, says so with a tone, and hangs up. */
export async function serveForwardCode(
  served: Served,
  code: Extract<Destination, { kind: 'forward' }>,
): Promise<string> {
  const ended = sessionEnd(served.session);
  const refusal = code.target === undefined ? undefined : refusalOfTarget(served, code.target);
  if (!(await answerHere(served))) return refuseFormats(served);
  if (refusal === undefined) {
    served.dependencies.directory.setForward(served.user.name, code.forward, code.target);
  }
  const tone = refusal === undefined ? 'confirmation' : 'error';
  await Promise.race([served.dependencies.media.playTone(served.media.legId, tone), ended]);
  served.session.end();
  return (
    refusal ??
    `forwarding ${code.forward} ${code.target === undefined ? 'is off' : `leads to ${code.target}`}`
  );
}

/** Why a target cannot be forwarded to, or undefined. */
function refusalOfTarget({ dependencies, user }: Served, target: string): string | undefined {
  const destination = destinationOfTarget(target, dependencies.settings);
  if (destination.kind === 'unsupported') return destination.reason;
  if (destination.kind !== 'user') return undefined;
  if (destination.name === user.name) return 'a user cannot be forwarded to themselves';
  if (dependencies.directory.account(destination.name)) return undefined;
  return `nobody is called ${formatUri(addressOfRecord(destination.name, dependencies.settings.realm))}`;
}

/** @returns false where no format is shared */
async function answerHere(served: Served): Promise<boolean> {
  const sdp = await agreeHere(served.media, served.offer);
  if (sdp === undefined || served.session.state === 'terminated') return false;
  served.session.on('offer', (change) => {
    answerChange(served, change).catch(() => change.reject(488));
  });
  served.session.accept({ sdp });
  served.onAnswered();
  return true;
}

async function answerChange(served: Served, change: RemoteOffer): Promise<void> {
  const offer = change.sdp === undefined ? served.offer : readSdp(change.sdp);
  const sdp = offer && (await agreeHere(served.media, offer));
  if (sdp === undefined) return change.reject(488);
  change.answer(sdp);
}

/** Brings the leg to what both can do. @returns our answer */
async function agreeHere(media: PartyMedia, offer: SessionDescription): Promise<string | undefined> {
  const answer = media.answer(offer);
  if (answer !== undefined) await media.apply();
  return answer;
}

function refuseFormats({ session, refuse }: Served): string {
  const [status, reason] =
    session.state === 'terminated'
      ? ([487, REASONS.callerLeft] as const)
      : ([488, REASONS.noSharedCodec] as const);
  refuse(status, reason);
  return reason;
}

function sessionEnd(session: IncomingSession): Promise<SessionEnd> {
  return new Promise((resolve) => session.once('ended', resolve));
}
