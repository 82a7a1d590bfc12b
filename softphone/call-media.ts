// The sound of one call: two sockets, an RTP session, its codecs, a source and a sink, and the beat that moves them.
import {
  Driver,
  type Endpoint,
  formatEndpoint,
  type Log,
  messageOf,
  OperationError,
  type Runtime,
  type UdpSocket,
} from '../core/index.ts';
import {
  type AudioSink,
  type AudioSource,
  type Codec,
  type CodecDescription,
  type CodecRegistry,
  FRAME_MS,
  frameMsFor,
  RtpSession,
  type Speaker,
} from '../media/index.ts';
import { canSend, isSoundFormat, type PayloadFormat } from '../signaling/index.ts';
import type { MakeSink } from './audio/sound-options.ts';
import { PLAY_MS, VoicePlayer } from './audio/voice-player.ts';
import { VoiceSender } from './audio/voice-sender.ts';
import { WavRecorder } from './audio/wav-recorder.ts';
import { Beat } from './beat.ts';
import type { CallPath } from './call-path.ts';
import type { CallSockets } from './call-sockets.ts';
import type { AgreedSound } from './negotiation.ts';
import type { SoundAddresses } from './quality-publisher.ts';
import type { MediaReport } from './report/build.ts';
import type { PathReportFacts } from './report/path.ts';

export interface CallMediaOptions {
  /** Closed with the media. */
  readonly sockets: CallSockets;
  /** What is behind the sockets where we speak ICE. */
  readonly path?: CallPath | undefined;
  /** Whether calls go through a server. */
  readonly hasServer: boolean;
  readonly cname: string;
  readonly codecs: CodecRegistry;
  readonly source: AudioSource;
  readonly makeSink: MakeSink;
  /** Hears what is heard, besides the sink. */
  readonly echo: AudioSink | undefined;
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
  readonly #codecs = new Map<string, Codec>();
  /** What we send now; undefined before the first agreement. */
  #format: PayloadFormat | undefined;
  /** As last agreed on. */
  #remote: Endpoint | undefined;
  #isSending = false;
  #hasFailed = false;
  #skippedBeats = 0;
  #sink: AudioSink | undefined;
  #digits = '';
  /** Changes one after the other: a codec is made asynchronously. */
  #changes: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;
  #lastReport: MediaReport | undefined;
  #recordingFailure: string | null = null;
  #isMuted = false;
  #isHolding = false;

  constructor(runtime: Runtime, options: CallMediaOptions) {
    this.#options = options;
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
    for (const codec of this.#codecs.values()) codec.close();
    await this.#sink?.close().catch((error: unknown) => {
      this.#recordingFailure = messageOf(error);
    });
    this.#lastReport = { ...lastReport, recordingFailure: this.#recordingFailure };
  }

  async #update(agreed: AgreedSound): Promise<void> {
    if (this.#closing) return;
    const format = agreed.sendFormats.find(isSoundFormat);
    if (!format) throw new OperationError('CODEC_UNKNOWN', 'no codec was agreed on');
    // Before the decoders: a codec is made once, and its encoder needs the parameters of the far end.
    const codec = await this.#codecFor(format);
    const decoders = new Map<number, Codec>();
    for (const received of agreed.receiveFormats.filter(isSoundFormat)) {
      decoders.set(received.payloadType, await this.#codecFor(received));
    }
    this.#format = format;
    this.#remote = agreed.remote.rtp;
    this.#isSending = canSend(agreed.remote.direction);
    // RFC 8866 §6.4: how long the packets are that the far end wishes for.
    this.#beat.periodMs = frameMsFor(format, agreed.remote.ptimeMs);
    this.#sender.setCodec(codec, this.#beat.periodMs);
    const comfortNoise = agreed.receiveFormats.filter(({ encoding }) => encoding === 'cn');
    this.#player.setCodecs(
      decoders,
      comfortNoise.map(({ payloadType }) => payloadType),
    );
    this.#options.path?.agree(agreed);
    this.#driver.run((now) => this.#session.setRemote(now, agreed.remote, agreed.receiveFormats));
    if (!this.#beat.isRunning) await this.#start(codec.description);
  }

  /** One codec for each encoding, for as long as the call lives: its state must not be lost by a re-INVITE. */
  async #codecFor(format: PayloadFormat): Promise<Codec> {
    const made = this.#codecs.get(format.encoding);
    if (made) return made;
    const description = this.#options.codecs.find(format.encoding);
    if (!description) {
      throw new OperationError(
        'CODEC_UNKNOWN',
        `the codec "${format.encoding}" was agreed on and is not loaded`,
      );
    }
    const { formatParameters: _ours, ...known } = description;
    const { formatParameters } = format;
    const codec = await this.#options.codecs.create(
      formatParameters === undefined ? known : { ...known, formatParameters },
    );
    this.#codecs.set(format.encoding, codec);
    return codec;
  }

  async #start({ sampleRateHz, soundChannels = 1 }: CodecDescription): Promise<void> {
    this.#sink = await this.#options.makeSink(sampleRateHz, soundChannels);
    if (this.#sink) this.#player.addListener(this.#sink);
    if (this.#options.echo) this.#player.addListener(this.#options.echo);
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
    this.#options.path?.noteSilence(this.#session.silentMsAt(now));
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
    const counters = this.#counters();
    return {
      codec: format ? `${format.encoding}/${format.clockRateHz}` : null,
      quality: this.#driver.run((now) => this.#session.report(now)),
      path: this.#pathFacts(),
      counters,
      playout: counters.received > 0 ? this.#player.statistics : null,
      heardDbov: counters.received > 0 ? this.#player.meter.overall : null,
      sentDbov: counters.sent > 0 ? this.#sender.meter.overall : null,
      digits: this.#digits,
      silentTailMs: this.#driver.run((now) => this.#session.silentMsAt(now)),
      recording: this.#sink instanceof WavRecorder ? this.#sink.path : null,
      recordingFailure: this.#recordingFailure,
    };
  }

  #pathFacts(): PathReportFacts {
    const { path, sockets, hasServer } = this.#options;
    const plain = { selected: undefined, isLite: false, firstFoundAt: undefined, changes: 0 };
    const facts = path?.facts ?? { ...plain, described: this.#remote };
    return { ...facts, hasServer, localText: formatEndpoint(sockets.rtp.local) };
  }

  /** With what did not get as far as the session. */
  #counters(): MediaReport['counters'] {
    const { counters } = this.#session;
    const unproven = this.#options.path?.unproven ?? 0;
    if (unproven === 0) return counters;
    const discarded = { ...counters.discarded, 'unproven-path': unproven };
    return { ...counters, received: counters.received + unproven, discarded };
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
