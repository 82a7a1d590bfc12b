// The sound of one call: two sockets, an RTP session, its codecs, a source and a sink, and the beat that moves them.
import { Driver, type Endpoint, type Log, messageOf, type Runtime, type UdpSocket } from '../core/index.ts';
import {
  type AudioSource,
  type CodecDescription,
  type CodecRegistry,
  FRAME_MS,
  frameMsFor,
  RtpSession,
  type Speaker,
} from '../media/index.ts';
import { canSend, type PayloadFormat } from '../signaling/index.ts';
import { PLAY_MS, VoicePlayer } from './audio/voice-player.ts';
import { VoiceSender } from './audio/voice-sender.ts';
import { Beat } from './beat.ts';
import { CallCodecs } from './call-codecs.ts';
import { CallSink, type CallSinkOptions } from './call-sink.ts';
import type { AgreedSound } from './negotiation.ts';
import type { SoundAddresses } from './quality-publisher.ts';
import type { MediaReport } from './report/build.ts';
import { countersOver, type MediaWay, pathFactsOf } from './report/media-path.ts';

/** Who mends a path on which nothing comes. */
export interface SilenceWatch {
  /** @param silentMs - how long the far end is not heard that agreed to send; 0 on hold */
  noteSilence(silentMs: number): void;
}

/** The sockets are closed with the media. */
export interface CallMediaOptions extends CallSinkOptions, MediaWay {
  readonly cname: string;
  readonly codecs: CodecRegistry;
  readonly source: AudioSource;
  readonly watch: SilenceWatch | undefined;
}

/** Digits that are kept for the report. */
const MOST_DIGITS = 256;

/** Owned by its call, which closes it. */
export class CallMedia {
  onDigit: ((digit: { readonly digit: string; readonly durationMs: number }) => void) | undefined;
  /** Others are heard than before, by what a mixer tells. */
  onSpeakers: ((speakers: readonly Speaker[]) => void) | undefined;
  /** Called once where a bug of ours, or a source or sink that throws, ends the sound. */
  onFailure: ((reason: string) => void) | undefined;
  readonly #log: Log;
  readonly #options: CallMediaOptions;
  readonly #session: RtpSession;
  readonly #driver: Driver;
  readonly #beat: Beat;
  /** Of its own: sound is heard in shorter pieces than it is sent in, and where nothing is sent as well. */
  readonly #playBeat: Beat;
  readonly #sender: VoiceSender;
  readonly #player = new VoicePlayer();
  readonly #codecs: CallCodecs;
  readonly #sink: CallSink;
  /** What we send now; undefined before the first agreement. */
  #format: PayloadFormat | undefined;
  /** As last agreed on. */
  #remote: Endpoint | undefined;
  #isSending = false;
  #hasFailed = false;
  #skippedBeats = 0;
  #digits = '';
  /** Changes one after the other: a codec is made asynchronously. */
  #changes: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;
  #lastReport: MediaReport | undefined;
  #isMuted = false;
  #isHolding = false;

  constructor(runtime: Runtime, options: CallMediaOptions) {
    this.#options = options;
    this.#codecs = new CallCodecs(options.codecs);
    this.#sink = new CallSink(options);
    const { clock, random, log } = runtime;
    this.#log = log;
    this.#session = new RtpSession({
      random,
      cname: options.cname,
      wallClockOffsetMs: clock.wallClock() - clock.now(),
      playout: this.#player,
    });
    const machine = {
      nextTimeoutAt: () => this.#session.nextTimeoutAt(),
      handleTimeout: (now: number) => this.#guard(() => this.#session.handleTimeout(now)),
    };
    this.#driver = new Driver(runtime, machine, (now) => this.#drain(now));
    this.#sender = new VoiceSender(options.source);
    this.#beat = new Beat(runtime, {
      periodMs: FRAME_MS,
      onBeat: (now) => this.#guard(() => this.#sendAt(now)),
    });
    this.#playBeat = new Beat(runtime, {
      periodMs: PLAY_MS,
      onBeat: (now) => this.#guard(() => this.#play(now)),
    });
    this.#listen(options.sockets.rtp, 'rtp');
    this.#listen(options.sockets.rtcp, 'rtcp');
  }

  get addresses(): SoundAddresses {
    return { local: this.#options.sockets.rtp.local, remote: this.#remote };
  }

  /** Who is heard now, where a mixer tells. */
  get speakers(): readonly Speaker[] {
    return this.#session.speakers;
  }

  get isMuted(): boolean {
    return this.#isMuted;
  }

  set isMuted(isMuted: boolean) {
    this.#isMuted = isMuted;
    this.#sender.isMuted = this.#isMuted || this.#isHolding;
  }

  /** Whom we hold hears silence, whatever is played or said here. */
  set isHolding(isHolding: boolean) {
    this.#isHolding = isHolding;
    this.#sender.isMuted = this.#isMuted || this.#isHolding;
  }

  /**
   * Brings the sound to what was agreed on; the first time starts it.
   *
   * @throws OperationError where a codec or the sink cannot be made
   */
  update(agreed: AgreedSound): Promise<void> {
    const change = this.#changes.then(() => this.#update(agreed));
    this.#changes = change.catch(() => {});
    return change;
  }

  /** @returns false where the far end takes no telephone-events */
  sendDigits(digits: string): boolean {
    return this.#session.sendDigits(digits);
  }

  /** How it stands now, and after {@link CallMedia.close} how it stood then. */
  report(): MediaReport {
    return this.#lastReport ?? this.#report();
  }

  /** Says goodbye by RTCP, closes the sockets and the sink. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#stopBeats();
    await this.#changes;
    this.#stopBeats();
    const lastReport = this.#report();
    this.#driver.run((now) => this.#session.close(now));
    this.#driver.close();
    this.#options.sockets.rtp.close();
    this.#options.sockets.rtcp.close();
    this.#codecs.close();
    await this.#sink.close();
    this.#lastReport = { ...lastReport, recordingFailure: this.#sink.failure };
  }

  async #update(agreed: AgreedSound): Promise<void> {
    if (this.#closing) return;
    // Checks of paths are on their way while codecs are made.
    this.#options.path?.agree(agreed);
    const { format, codec, decoders, noiseTypes } = await this.#codecs.agree(agreed);
    this.#format = format;
    this.#remote = agreed.remote.rtp;
    this.#isSending = canSend(agreed.remote.direction);
    // RFC 8866 §6.4: how long the packets are that the far end wishes for.
    this.#beat.periodMs = frameMsFor(format, agreed.remote.ptimeMs);
    this.#sender.setCodec(codec, this.#beat.periodMs);
    this.#player.setCodecs(decoders, noiseTypes);
    this.#driver.run((now) => this.#session.setRemote(now, agreed.remote, agreed.receiveFormats));
    if (!this.#beat.isRunning) await this.#start(codec.description);
  }

  async #start(description: CodecDescription): Promise<void> {
    await this.#sink.open(this.#player, description);
    if (this.#closing) return;
    this.#beat.start();
    this.#playBeat.start();
  }

  #listen(socket: UdpSocket, kind: 'rtp' | 'rtcp'): void {
    socket.onDatagram = (bytes, address, port) => {
      this.#guard(() =>
        this.#driver.run((now) => this.#session.handleDatagram(now, bytes, { socket: kind, address, port })),
      );
    };
    // What cannot be delivered is loss; the far end's reports show it.
    socket.onError = () => {};
  }

  #play(now: number): void {
    this.#player.play(now);
    this.#options.watch?.noteSilence(this.#session.silentMsAt(now));
  }

  #sendAt(now: number): void {
    if (this.#format) this.#send(now, this.#format);
  }

  #stopBeats(): void {
    this.#beat.stop();
    this.#playBeat.stop();
  }

  #send(now: number, format: PayloadFormat): void {
    const timestampStep = (format.clockRateHz * this.#beat.periodMs) / 1000;
    this.#skipStall(timestampStep);
    const payload = this.#isSending ? this.#sender.next() : undefined;
    if (!payload) return this.#session.skipFrame(timestampStep);
    const { payloadType } = format;
    const { level } = this.#sender;
    this.#driver.run(() => this.#session.sendFrame(now, payload, { timestampStep, payloadType, level }));
  }

  /** RFC 3550 §5.1: beats that a stall has cost were time all the same. */
  #skipStall(timestampStep: number): void {
    const skipped = this.#beat.skipped - this.#skippedBeats;
    if (skipped === 0) return;
    this.#skippedBeats += skipped;
    this.#session.skipFrame(skipped * timestampStep);
  }

  /** Outputs of the session: what it sends, and what came in. */
  #drain(now: number): void {
    const { rtp, rtcp } = this.#options.sockets;
    for (const event of this.#session.takeEvents()) {
      if (event.type === 'frame') this.#player.push(now, event.frame);
      else if (event.type === 'noSound') this.#player.skip(event.ssrc, event.extendedSequenceNumber);
      else if (event.type === 'digit') this.handleDigit(event);
      else if (event.type === 'advice') this.#sender.follow(event.advice);
      else if (event.type === 'speakers') this.onSpeakers?.(event.speakers);
      else if (event.type === 'inactive') this.#handleInactive(event.silentMs);
    }
    for (const { socket, bytes, address, port } of this.#session.takeDatagrams()) {
      (socket === 'rtp' ? rtp : rtcp).send(bytes, address, port);
    }
  }

  /** The far end, or the way to it, is gone: the call would go on for ever with nobody in it. */
  #handleInactive(silentMs: number): void {
    this.onFailure?.(`neither sound nor RTCP came for ${Math.round(silentMs / 1000)} s`);
  }

  /** A digit of the far end, by whatever way it came. */
  handleDigit({ digit, durationMs }: { readonly digit: string; readonly durationMs: number }): void {
    if (this.#digits.length < MOST_DIGITS) this.#digits += digit;
    this.onDigit?.({ digit, durationMs });
  }

  #report(): MediaReport {
    const format = this.#format;
    const counters = countersOver(this.#options, this.#session.counters);
    return {
      codec: format ? `${format.encoding}/${format.clockRateHz}` : null,
      quality: this.#driver.run((now) => this.#session.report(now)),
      path: pathFactsOf(this.#options, this.#remote),
      counters,
      playout: counters.received > 0 ? this.#player.statistics : null,
      heardDbov: counters.received > 0 ? this.#player.meter.overall : null,
      sentDbov: counters.sent > 0 ? this.#sender.meter.overall : null,
      digits: this.#digits,
      silentTailMs: this.#driver.run((now) => this.#session.silentMsAt(now)),
      recording: this.#sink.recording,
      recordingFailure: this.#sink.failure,
    };
  }

  /** Whatever throws ends this call alone. */
  #guard(act: () => void): void {
    if (this.#hasFailed) return;
    try {
      act();
    } catch (error) {
      this.#hasFailed = true;
      this.#stopBeats();
      this.#log.error(
        { stack: error instanceof Error ? error.stack : String(error) },
        'sound of a call failed',
      );
      this.onFailure?.(messageOf(error));
    }
  }
}
