// A call that is secured end to end, from its INVITE to its end: forwardings and all, but no sound of ours.
import { invariant } from '../../core/index.ts';
import { type Session, type SessionDescription, securedSections } from '../../signaling/index.ts';
import type { CallSurroundings } from './call.ts';
import type { Destination } from './dial-plan.ts';
import { PassedBridge } from './passed-bridge.ts';
import { PassedCaller } from './passed-caller.ts';
import { PassedMedia } from './passed-media.ts';
import { type CallAttempt, Pursuit } from './pursuit.ts';
import { REASONS } from './reasons.ts';
import type { CallProgress } from './record.ts';
import type { CallSettings, IncomingCall } from './types.ts';

export interface PassedCallOptions {
  readonly incoming: IncomingCall;
  readonly offer: SessionDescription;
  readonly progress: CallProgress;
  /** Aborted when the caller hangs up. */
  readonly signal: AbortSignal;
  /** Ends the call before it was answered, and says so in its record. */
  refuse(status: number, reason: string): void;
}

type Answered = Extract<CallAttempt<PassedMedia>, { readonly sdp: unknown }>;

/** What is secured end to end is not heard here: it is passed on between users of ours, and legs take no part. */
export class PassedCall {
  readonly #surroundings: CallSurroundings;
  readonly #options: PassedCallOptions;
  #callee: Session | undefined;
  #bridge: PassedBridge | undefined;

  constructor(surroundings: CallSurroundings, options: PassedCallOptions) {
    this.#surroundings = surroundings;
    this.#options = options;
  }

  /** Resolves when the call is over. */
  async run(destination: Destination): Promise<void> {
    const { incoming, offer, progress, signal, refuse } = this.#options;
    const { settings } = this.#surroundings.dependencies;
    // Told with 488, on which the phone calls again without.
    const refusal = refusalOf(offer, destination, settings);
    if (refusal !== undefined || destination.kind !== 'user')
      return refuse(488, refusal ?? REASONS.notPassedOn);
    const media = await this.#openMedia(incoming.flow.remote.address);
    if (signal.aborted) return progress.failed(487, REASONS.callerLeft);
    const caller = new PassedCaller(incoming.session, media, offer);
    const pursuit = new Pursuit<PassedMedia>(this.#surroundings, {
      caller,
      user: incoming.user,
      openMedia: ({ flow, contact }) =>
        this.#openMedia(flow?.remote.address ?? ('host' in contact ? contact.host : '')),
      isLocalOnly: true,
      signal,
    });
    const attempt = await pursuit.run(destination);
    if ('answered' in attempt) return this.#converse(caller, attempt);
    refuse(attempt.status, REFUSALS.has(attempt.status) ? this.#refusedByPhone : attempt.reason);
  }

  /** @returns whether there was anybody to hang up but the caller */
  hangUp(reason: string, status: number): boolean {
    this.#bridge?.hangUp(reason, status);
    return this.#bridge !== undefined;
  }

  close(): void {
    this.#callee?.end();
  }

  get #refusedByPhone(): string {
    return hasSound(this.#options.offer) ? REASONS.securedRefused : REASONS.dataRefused;
  }

  /** @param party - where it is: decides which of our addresses its description names */
  async #openMedia(party: string): Promise<PassedMedia> {
    const { addresses, runtime } = this.#surroundings.dependencies;
    const { shown } = await addresses.toward(party);
    return new PassedMedia(runtime.random, shown);
  }

  async #converse(caller: PassedCaller, { answered: branch, sdp, who }: Answered): Promise<void> {
    const { progress, signal, refuse } = this.#options;
    const { session, media } = branch;
    invariant(session, 'a branch that answered was started');
    this.#callee = session;
    const wasAnswered = caller.answer(branch, sdp);
    if (signal.aborted) return progress.failed(487, REASONS.callerLeft);
    if (!wasAnswered) return refuse(488, REASONS.plainAnswer);
    progress.answered(who, session.callId);
    branch.handOver();
    this.#bridge = new PassedBridge(caller, { session, media });
    const end = await this.#bridge.ended;
    progress.ended(end.by === 'server' ? end.reason : `the ${end.by} hung up`);
  }
}

/** Not this description, not this type of it, not these parts (RFC 3261 §21.4.13, §21.4.26, §21.6.4). */
const REFUSALS: ReadonlySet<number> = new Set([415, 488, 606]);

function hasSound(offer: SessionDescription): boolean {
  return securedSections(offer).sound !== undefined;
}

function refusalOf(
  offer: SessionDescription,
  destination: Destination,
  { passesSecured, recording }: CallSettings,
): string | undefined {
  const isCall = hasSound(offer);
  if (destination.kind !== 'user') return isCall ? REASONS.encryptedOffer : REASONS.notPassedOn;
  if (!passesSecured) return REASONS.passingOff;
  return isCall && recording.calls === 'always' ? REASONS.recorded : undefined;
}
