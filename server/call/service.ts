// Calls that end at the server itself: the echo test, and the star codes that set forwarding.
import { formatUri } from '../../signaling/index.ts';
import { addressOfRecord, type Destination, destinationOfTarget } from './dial-plan.ts';
import { answerHere, refuseFormats, type Served, sessionEnd } from './served.ts';

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
