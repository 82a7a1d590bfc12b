// One call of a phone, in either direction.
import { type DecodeError, Emitter, messageOf, type Runtime } from '../core/index.ts';
import type { Speaker } from '../media/index.ts';
import {
  formatUri,
  type RoomCommand,
  type RoomReply,
  type Session,
  type SessionEnd,
  type SessionEvents,
} from '../signaling/index.ts';
import { CallDigits } from './call-digits.ts';
import { CallOffers } from './call-offers.ts';
import type { CallPath } from './call-path.ts';
import type { CallSound } from './call-sounds.ts';
import { CallTimeline } from './call-timeline.ts';
import type { MessageChannel } from './files/types.ts';
import { answerInfoPackage } from './late-candidates.ts';
import type { AgreedSound } from './negotiation.ts';
import { PathKeeper } from './path-keeper.ts';
import type { SoundAddresses } from './quality-publisher.ts';
import { buildReport } from './report/build.ts';
import type { CallPathReport, CallReport } from './report/index.ts';
import { sendRoomCommand } from './room-commands.ts';
import type { SecureLink } from './secure/secure-link.ts';
import { SecuredCall } from './secure/secured-call.ts';

export type PhoneCallState = 'calling' | 'ringing' | 'answered' | 'ended';

export interface PhoneCallEvents {
  /** 180 or 183 came (outgoing only). */
  ringing: { readonly status: number };
  answered: { readonly codec: string | null };
  heldByPeer: { readonly isHeld: boolean };
  /** A digit of the far end (RFC 4733, or INFO). */
  digit: { readonly digit: string; readonly durationMs: number };
  /** In a conference: others are heard than before (CSRC, RFC 3550 §7.1). {@link PhoneCall.speakers} has their levels. */
  speakers: { readonly speakers: readonly Speaker[] };
  /** Sound goes another way than before. */
  path: CallPathReport;
  /** A line that the far end typed, fit to be shown. */
  chat: { readonly text: string };
  /** The far end opened a data channel, for a file say. With no listener it is closed. */
  channel: MessageChannel;
  /** Comes exactly once, and last. */
  ended: CallReport;
}

/** What both directions share. Owns its session and its sound: both end with it. */
export abstract class PhoneCall extends Emitter<PhoneCallEvents> {
  abstract readonly direction: 'incoming' | 'outgoing';
  /** Resolves when the call is over and everything of it is closed. Never rejects. */
  readonly finished: Promise<CallReport>;
  protected readonly runtime: Runtime;
  protected readonly session: Session;
  protected readonly timeline: CallTimeline;
  readonly #digits: CallDigits;
  readonly #offers: CallOffers;
  #sound: CallSound | undefined;
  #pathKeeper: PathKeeper | undefined;
  #secured: SecuredCall | undefined;
  #end: SessionEnd | undefined;
  #failure: string | undefined;
  #finish: (report: CallReport) => void = () => {};

  constructor(runtime: Runtime, session: Session) {
    super();
    this.runtime = runtime;
    this.session = session;
    this.#digits = new CallDigits(session);
    this.#offers = new CallOffers({
      session,
      digits: this.#digits,
      isEnded: () => this.timeline.isEnded,
      onHeldByPeer: (isHeld) => this.emit('heldByPeer', { isHeld }),
    });
    this.timeline = new CallTimeline(runtime.clock.now(), runtime.clock.wallClock());
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
    session.on('offer', (offer) => this.guard(this.#offers.handleOffer(offer)));
    session.on('acknowledged', ({ sdp }) => this.guard(this.#acknowledged(sdp)));
    session.on('request', (request) => this.#handleRequest(request));
    session.on('ended', (end) => this.guard(this.#ended(end)));
  }

  get callId(): string {
    return this.session.callId;
  }

  get state(): PhoneCallState {
    if (this.timeline.isEnded) return 'ended';
    if (this.timeline.isAnswered) return 'answered';
    return this.timeline.setup.ringingMs === null ? 'calling' : 'ringing';
  }

  /** The far end's URI. */
  get remoteText(): string {
    return formatUri(this.session.remote.uri);
  }

  /** Where its sound goes, and comes from; undefined where it has none. */
  get soundAddresses(): SoundAddresses | undefined {
    return this.#secured?.addresses ?? this.#sound?.media.addresses;
  }

  /** Who is heard now in a conference, and how loud (RFC 6465); empty where the far end does not tell. */
  get speakers(): readonly Speaker[] {
    return this.#sound?.media.speakers ?? [];
  }

  get isMuted(): boolean {
    return this.#sound?.media.isMuted ?? false;
  }

  get isHeld(): boolean {
    return this.#offers.isHeld;
  }

  get isHeldByPeer(): boolean {
    return this.#offers.isHeldByPeer;
  }

  /** Ends the call by what its state asks for. Doing it twice is harmless. */
  hangUp(): void {
    this.session.end();
  }

  setMuted(isMuted: boolean): void {
    if (this.#sound) this.#sound.media.isMuted = isMuted;
  }

  /** Puts the far end on hold (RFC 3264 §8.4). @returns whether it agreed */
  hold(): Promise<boolean> {
    return this.#setHold(true);
  }

  resume(): Promise<boolean> {
    return this.#setHold(false);
  }

  async #setHold(isHeld: boolean): Promise<boolean> {
    return this.state === 'answered' && this.#offers.setHold(isHeld);
  }

  /** Sends digits one after the other (RFC 4733, or else INFO). @returns false where there is nothing to send them with */
  sendDigits(digits: string): boolean {
    if (!this.#sound || this.state !== 'answered') return false;
    return this.#digits.send(this.#sound.media, digits);
  }

  /** Tells the conference room at the far end what to do. Never rejects: a room that refuses says why. */
  async room(command: RoomCommand): Promise<RoomReply> {
    if (this.state !== 'answered') return { ok: false, reason: 'the call is not answered' };
    return sendRoomCommand(this.session, command);
  }

  /** Whether the call is secured end to end. */
  get isSecured(): boolean {
    return this.#secured !== undefined;
  }

  /** Says a line to the far end, in the association of a secured call. @returns false where there is no way for it */
  sendChat(text: string): boolean {
    return this.state === 'answered' && (this.#secured?.sendChat(text) ?? false);
  }

  /** The report as it would be now. */
  report(): CallReport {
    return buildReport({
      session: this.session,
      timeline: this.timeline,
      now: this.runtime.clock.now(),
      end: this.#end,
      failure: this.#failure,
      media: this.#sound?.media.report(),
      secured: this.#secured?.facts,
    });
  }

  protected get sound(): CallSound | undefined {
    return this.#sound;
  }

  protected useSound(sound: CallSound): void {
    this.#sound = sound;
    this.#offers.useSound(sound);
    sound.media.onDigit = (digit) => this.emit('digit', digit);
    sound.media.onSpeakers = (speakers) => this.emit('speakers', { speakers });
    sound.media.onFailure = (reason) => this.fail(reason, 500);
    if (sound.path) this.#follow(sound.path);
    if (sound.secure) this.#secured = this.#secure(sound.secure);
  }

  #secure(link: SecureLink): SecuredCall {
    const keeper = new PathKeeper(this.runtime, () => this.#renewAssociation());
    this.#pathKeeper = keeper;
    link.onState = (state) => keeper.handleState(state);
    return new SecuredCall(this.runtime, link, {
      handleLine: (text) => this.emit('chat', { text }),
      handleChannel: (channel) => {
        if (!this.emit('channel', channel)) channel.close();
      },
      handleConnected: () => {
        const { path } = this.report();
        if (path && !this.timeline.isEnded) this.emit('path', path);
      },
      handleFailure: (reason) => this.fail(reason, 500),
    });
  }

  #follow(path: CallPath): void {
    const keeper = new PathKeeper(this.runtime, () => this.#renewPath(path));
    this.#pathKeeper = keeper;
    path.onState = (state) => {
      keeper.handleState(state);
      if (state === 'disconnected') this.#openSignaling(path);
    };
    let wasDirect = false;
    path.onChange = () => {
      const { path: report } = this.report();
      if (!report || this.timeline.isEnded) return;
      keeper.handleKind(report.kind);
      if (wasDirect && report.kind !== 'direct') this.#openSignaling(path);
      wasDirect = report.kind === 'direct';
      this.emit('path', report);
    };
  }

  /** Starts the sound that was agreed on. Where there is none, the call ends with the reason in its report. */
  protected async start(agreed: AgreedSound | DecodeError): Promise<boolean> {
    const failure = await this.#offers.apply(agreed);
    if (failure !== undefined) this.fail(failure);
    return failure === undefined;
  }

  /** The call is answered: once. */
  protected answered(): void {
    if (!this.timeline.isEnded) this.emit('answered', { codec: this.#sound?.media.report().codec ?? null });
  }

  /** Closes what was opened and is not in use. Never rejects. */
  protected async discard(): Promise<void> {}

  /** A bug of ours ends this call alone, and is logged once with its stack. */
  protected guard(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      const stack = error instanceof Error ? error.stack : String(error);
      this.runtime.log.error({ callId: this.callId, stack }, 'call failed');
      this.fail(messageOf(error), 500);
    });
  }

  /** Ends a call whose sound cannot be had; `status` refuses one that is not answered yet. */
  protected fail(reason: string, status = 488): void {
    this.#failure ??= reason;
    this.session.end({ status });
  }

  #handleRequest(request: SessionEvents['request']): void {
    if (this.#digits.handleDigit(request, this.#sound?.media)) return;
    if (!answerInfoPackage(request, this.#sound?.path)) this.#digits.refuse(request);
  }

  async #acknowledged(sdp: string | undefined): Promise<void> {
    if (sdp !== undefined && this.#sound) await this.start(this.#sound.negotiation.accept(sdp));
  }

  /** Whoever controls looks for paths anew; the other waits to be asked. */
  async #renewPath(path: CallPath): Promise<void> {
    if (!path.isAgreed || this.state !== 'answered') return;
    if (this.#controls(path)) await this.#offers.renewPath();
    else this.#openSignaling(path);
  }

  /**
   * A NAT of ours that forgot a path may have forgotten the way of the signaling, too. Any request opens it again and shows
   * the server where we are: before the far end asks for new paths, for its re-INVITE would go to where we were.
   */
  #openSignaling(path: CallPath): void {
    if (this.state === 'answered' && !this.#controls(path)) void this.session.request('OPTIONS');
  }

  #controls(path: CallPath): boolean {
    return this.direction === 'outgoing' || path.facts.isLite;
  }

  /** Either side does; the caller sooner. */
  async #renewAssociation(): Promise<void> {
    if (this.state === 'answered') await this.#offers.renewAssociation();
  }

  async #ended(end: SessionEnd): Promise<void> {
    this.#end = end;
    this.#pathKeeper?.close();
    this.timeline.ended(this.runtime.clock.now());
    await this.discard();
    await this.#sound?.media.close().catch((error: unknown) => {
      this.runtime.log.warn({ callId: this.callId, reason: messageOf(error) }, 'sound of a call not closed');
    });
    const report = this.report();
    this.emit('ended', report);
    this.#finish(report);
  }
}
