// One call from an authenticated user, from its INVITE to its record. An ordinary async program.
import { codeOf, invariant, messageOf } from '../../core/index.ts';
import {
  formatUri,
  type Session,
  type SessionDescription,
  type SipRequest,
  type Uri,
} from '../../signaling/index.ts';
import { type Branch, readSdp } from './branch.ts';
import { Bridge } from './bridge.ts';
import { CallRecording } from './call-recording.ts';
import { Caller } from './caller.ts';
import { type Destination, destinationOf } from './dial-plan.ts';
import type { LegTrouble, MediaWatch } from './media-watch.ts';
import { type OpenPartyOptions, PartyMedia } from './party.ts';
import type { PartyReport } from './party-facts.ts';
import { PassedCall } from './passed-call.ts';
import { readSecuredSdp } from './passed-media.ts';
import { type CallAttempt, Pursuit } from './pursuit.ts';
import { REASONS, reasonOfOffer } from './reasons.ts';
import { CallProgress } from './record.ts';
import type { Served } from './served.ts';
import { serveEcho, serveForwardCode } from './service.ts';
import type { CallDependencies, IncomingCall, LiveCall, Reachable } from './types.ts';

/** What all calls of one server share. */
export interface CallSurroundings {
  readonly dependencies: CallDependencies;
  readonly watch: MediaWatch;
}

/** One conversation. */
export class Call {
  readonly uniqueid: string;
  readonly #surroundings: CallSurroundings;
  readonly #incoming: IncomingCall;
  readonly #progress: CallProgress;
  readonly #callerLeft = new AbortController();
  readonly #legs: PartyMedia[] = [];
  #callee: Session | undefined;
  #bridge: Bridge | undefined;
  /** In its place where the call is secured end to end. */
  #passed: PassedCall | undefined;
  #recording: CallRecording | undefined;
  /** The service that waits for digits, where one does. */
  #onDigit: ((digit: string) => void) | undefined;

  constructor(surroundings: CallSurroundings, incoming: IncomingCall, uniqueid: string) {
    this.#surroundings = surroundings;
    this.#incoming = incoming;
    this.uniqueid = uniqueid;
    const { invite } = incoming.session;
    this.#progress = new CallProgress(surroundings.dependencies, {
      uniqueid,
      src: incoming.user.name,
      dst: dialledText(invite.requestUri),
      callId: incoming.session.callId,
    });
  }

  /** Ends the call from our side: the server stops, or its media is gone. */
  hangUp(reason: string, status: number): void {
    if (this.#bridge) this.#bridge.hangUp(reason, status);
    else if (!this.#passed?.hangUp(reason, status)) this.#incoming.session.end({ status });
    this.#progress.ended(reason);
  }

  /** The call as it stands. Never rejects. */
  async live(): Promise<LiveCall> {
    const reports = await Promise.allSettled(this.#legs.map((leg) => leg.report()));
    return this.#progress.live(
      reports.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])),
    );
  }

  /** Plays the call to its end. Never rejects; the record is closed and no leg is left. */
  async run(): Promise<void> {
    const { session } = this.#incoming;
    session.once('ended', () => this.#callerLeft.abort());
    try {
      await this.#play();
    } catch (error) {
      this.#handleFailure(error);
    } finally {
      await this.#close();
    }
  }

  async #play(): Promise<void> {
    const { session, user } = this.#incoming;
    const { settings, directory, rooms } = this.#surroundings.dependencies;
    // RFC 3261 §16.3 step 3: also a back-to-back user agent must not pass on what has no hops left.
    if (session.invite.maxForwards === 0) return this.#refuse(483, 'the call went over too many hops');
    const destination = destinationOf(session.invite.requestUri, {
      isLocalHost: (host) => settings.isLocalHost(host),
      // People before rooms: whoever has a name keeps it.
      isRoom: (name) => !directory.account(name) && rooms.isRoom(name),
    });
    if (destination.kind === 'unsupported') return this.#refuse(destination.status, destination.reason);
    const secured = readSecuredSdp(session.offerSdp);
    if (secured) return this.#pass(secured, destination);
    const offer = readSdp(session.offerSdp);
    if (session.offerSdp !== undefined && !offer) {
      return this.#refuse(488, reasonOfOffer(session.offerSdp));
    }
    const callKey = destination.kind === 'room' ? rooms.callKeyOf(destination.room) : this.uniqueid;
    const media = await this.#openLeg({ label: user.name, callKey, ...callerPlace(this.#incoming) });
    this.#own(media);
    if (session.state === 'terminated') return this.#progress.failed(487, REASONS.callerLeft);
    const caller = new Caller(this.#surroundings.dependencies, session, { media, offer });
    if (destination.kind === 'user' || destination.kind === 'uri') return this.#connect(caller, destination);
    return this.#serve(caller, destination);
  }

  #openLeg(place: LegPlace): Promise<PartyMedia> {
    const { media, addresses, relays, runtime, settings } = this.#surroundings.dependencies;
    const { random } = runtime;
    const mayBeDirect = settings.mayBeDirect && place.isOurs;
    const capabilities = settings.media;
    return PartyMedia.open({ media, addresses, relays, capabilities, random, ...place, mayBeDirect });
  }

  #own(leg: PartyMedia): void {
    this.#legs.push(leg);
    this.#surroundings.watch.watch(leg.legId, {
      handleTrouble: (trouble, reason) => {
        const isElsewhere = trouble === 'inactive' && this.#bridge?.handleSilence(leg.legId);
        if (!isElsewhere) this.#handleTrouble(trouble, reason);
      },
      handleDigit: (digit) => {
        if (this.#bridge) this.#bridge.handleDigit(leg.legId, digit);
        else this.#recording?.handleDigit(leg.legId, digit, false);
        this.#onDigit?.(digit.digit);
      },
    });
  }

  #handleTrouble(trouble: LegTrouble, reason: string): void {
    // With early media a caller need not say anything before the answer: until then the ringing time is the limit.
    if (trouble === 'inactive' && !this.#progress.isAnswered) return;
    this.hangUp(reason, trouble === 'inactive' ? 408 : 500);
  }

  async #serve(caller: Caller, destination: ServiceDestination): Promise<void> {
    // RFC 3261 §13.2.1 lets a phone offer nothing; a service that only answers has no use for it.
    if (!caller.offer) return this.#refuse(488, 'the call has no offer');
    const reason = await this.#runService(destination, {
      dependencies: this.#surroundings.dependencies,
      session: caller.session,
      media: caller.media,
      offer: caller.offer,
      user: this.#incoming.user,
      onAnswered: () => {
        this.#progress.answered(destination.kind === 'room' ? destination.room : destination.kind);
        // Rooms have recordings of their own.
        if (destination.kind === 'echo') this.#record(destination.kind, [caller.media]);
      },
      refuse: (status, why) => this.#refuse(status, why),
      announce: (path) => caller.announce(path, this.#callerLeft.signal),
      listenForDigits: (listener) => {
        this.#onDigit = listener;
      },
    });
    this.#progress.ended(reason);
  }

  #runService(destination: ServiceDestination, served: Served): Promise<string> {
    if (destination.kind === 'echo') return serveEcho(served);
    if (destination.kind === 'forward') return serveForwardCode(served, destination);
    return this.#surroundings.dependencies.rooms.serve(destination.room, served);
  }

  async #connect(caller: Caller, destination: Extract<Destination, { kind: 'user' | 'uri' }>): Promise<void> {
    const pursuit = new Pursuit(this.#surroundings, {
      caller,
      user: this.#incoming.user,
      openMedia: (target, label) => this.#openLeg({ label, callKey: this.uniqueid, ...calleePlace(target) }),
      signal: this.#callerLeft.signal,
    });
    const attempt = await pursuit.run(destination);
    if ('answered' in attempt) return this.#converse(caller, attempt);
    const { announcements } = this.#surroundings.dependencies.settings;
    const path = attempt.announcement && announcements[attempt.announcement];
    if (path !== undefined) await caller.announce(path, this.#callerLeft.signal);
    this.#refuse(attempt.status, attempt.reason);
  }

  async #converse(caller: Caller, attempt: Extract<CallAttempt, { answered: Branch }>): Promise<void> {
    const { answered: branch, sdp, who } = attempt;
    this.#own(branch.media);
    const { session } = branch;
    invariant(session, 'a branch that answered was started');
    this.#callee = session;
    const wasAnswered = await caller.answer(branch, sdp);
    if (this.#callerLeft.signal.aborted) return this.#progress.failed(487, REASONS.callerLeft);
    if (!wasAnswered) return this.#refuse(488, REASONS.uselessAnswer);
    this.#progress.answered(who, session.callId);
    branch.handOver();
    const recording = this.#record(who, [caller.media, branch.media]);
    const callee = { session, media: branch.media };
    const bridge = new Bridge(this.#surroundings.dependencies, caller, callee, recording);
    this.#bridge = bridge;
    const end = await bridge.ended;
    this.#progress.ended(end.by === 'server' ? end.reason : `the ${end.by} hung up`);
  }

  #pass(offer: SessionDescription, destination: Destination): Promise<void> {
    this.#passed = new PassedCall(this.#surroundings, {
      incoming: this.#incoming,
      offer,
      progress: this.#progress,
      signal: this.#callerLeft.signal,
      refuse: (status, reason) => this.#refuse(status, reason),
    });
    return this.#passed.run(destination);
  }

  #record(callee: string, parties: readonly PartyMedia[]): CallRecording {
    const { dependencies } = this.#surroundings;
    const title = `${this.#incoming.user.name} ${callee}`;
    this.#recording = new CallRecording({ dependencies, uniqueid: this.uniqueid, title, parties });
    this.#recording.begin();
    return this.#recording;
  }

  #refuse(status: number, reason: string): void {
    this.#progress.failed(status, reason);
    const { session } = this.#incoming;
    if (session.state === 'confirmed') session.end();
    else if (session.state !== 'terminated') session.reject(status);
  }

  #handleFailure(error: unknown): void {
    const { runtime } = this.#surroundings.dependencies;
    const code = codeOf(error);
    if (code === 'MEDIA_PORTS_EXHAUSTED') return this.#refuse(503, messageOf(error));
    // Our own mistake ends this call alone.
    runtime.log.error({ uniqueid: this.uniqueid, err: error }, 'call failed');
    this.#progress.ended(messageOf(error));
    this.#refuse(500, messageOf(error));
  }

  async #close(): Promise<void> {
    // Both are over in every ordinary case; after a failure of ours this is what ends them.
    this.#callee?.end();
    this.#passed?.close();
    this.#incoming.session.end();
    const recorded = this.#recording?.close();
    const reports: PartyReport[] = [];
    for (const leg of this.#legs) {
      this.#surroundings.watch.unwatch(leg.legId);
      await leg.close().then(
        (report) => reports.push(report),
        () => {}, // The worker died with the leg: its report is lost, the record is not.
      );
    }
    this.#progress.close(reports, await recorded);
  }
}

/** What ends at the server itself. */
type ServiceDestination = Extract<Destination, { kind: 'echo' | 'forward' | 'room' }>;

/** Where a leg is opened, and what for. */
interface LegPlace extends Pick<OpenPartyOptions, 'label' | 'callKey' | 'flow' | 'host' | 'knowsIce'> {
  /** Of one of our users, who may learn how others are reached. */
  readonly isOurs: boolean;
}

function callerPlace({ flow }: IncomingCall): Omit<LegPlace, 'label' | 'callKey'> {
  return { flow, host: flow.remote.address, isOurs: true };
}

function calleePlace(phone: Reachable): Omit<LegPlace, 'label' | 'callKey'> {
  const { flow, contact, isOurs = false, knowsIce = false } = phone;
  const host = contact.scheme === 'sip' || contact.scheme === 'sips' ? contact.host : '';
  return { flow, host, isOurs, knowsIce };
}

/** What was dialled, as a person would say it: for call records. */
function dialledText(uri: SipRequest['requestUri'] | Uri): string {
  if (uri.scheme === 'tel') return uri.number;
  if (uri.scheme === 'other') return uri.text;
  return uri.user ?? formatUri(uri);
}
