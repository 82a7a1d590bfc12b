// The media engine on one runtime: in a media worker, in the same thread, or in the virtual world.
import {
  DeadlineQueue,
  Driver,
  Emitter,
  type Endpoint,
  OperationError,
  type Runtime,
} from '../../core/index.ts';
import { Leg, type LegListener } from '../leg/index.ts';
import { ToneLibrary, TonePlayer } from '../tone/index.ts';
import { Connections } from './connections.ts';
import { PortAllocator, type PortRange } from './port-allocator.ts';
import type {
  LegReport,
  MediaEngine,
  MediaEngineEvents,
  OpenedLeg,
  OpenLegOptions,
  PlayFileOptions,
  RemoteMedia,
  ToneName,
} from './types.ts';

/** RTP ports by default: those that phone people expect. */
export const DEFAULT_PORT_RANGE: PortRange = { first: 10_000, last: 20_000 };
/** A call without any RTP and RTCP ends after so long. */
export const DEFAULT_INACTIVITY_MS = 60_000;

export interface MediaEngineOptions {
  readonly ports?: PortRange;
  readonly inactivityMs?: number;
}

interface Timed {
  nextTimeoutAt(): number | undefined;
  handleTimeout(now: number): void;
}

/** Owns its legs until they are closed, or all of them until it is itself. */
export class InlineMediaEngine extends Emitter<MediaEngineEvents> implements MediaEngine, LegListener {
  readonly #runtime: Runtime;
  readonly #ports: PortAllocator;
  readonly #inactivityMs: number;
  readonly #legs = new Map<number, { readonly leg: Leg; readonly rtpPort: number }>();
  readonly #players = new Map<Leg, TonePlayer>();
  readonly #deadlines = new DeadlineQueue<Timed>();
  readonly #driver: Driver;
  readonly #tones: ToneLibrary;
  readonly #connections: Connections;
  #lastLegId = 0;
  #isClosed = false;

  constructor(runtime: Runtime, options: MediaEngineOptions = {}) {
    super();
    this.#runtime = runtime;
    this.#ports = new PortAllocator(runtime.network, options.ports ?? DEFAULT_PORT_RANGE);
    this.#inactivityMs = options.inactivityMs ?? DEFAULT_INACTIVITY_MS;
    this.#tones = new ToneLibrary(runtime.log);
    this.#connections = new Connections(() => undefined, runtime.log);
    this.#driver = new Driver(
      runtime,
      {
        nextTimeoutAt: () => this.#deadlines.nextAt(),
        handleTimeout: (now) => this.#handleTimeout(now),
      },
      () => {},
    );
  }

  /** Legs that are open. */
  get legCount(): number {
    return this.#legs.size;
  }

  async openLeg(options: OpenLegOptions): Promise<OpenedLeg> {
    const { rtp, rtcp } = await this.#ports.take(options.localAddress);
    if (this.#isClosed) {
      rtp.close();
      rtcp.close();
      throw new OperationError('MEDIA_FAILED', 'the media engine was closed');
    }
    const { clock, random } = this.#runtime;
    this.#lastLegId += 1;
    const legId = this.#lastLegId;
    const [ssrc, cname] = [random.uint32(), random.token(16)];
    const leg = new Leg({
      legId,
      label: options.label,
      cname,
      ssrc,
      rtp,
      rtcp,
      random,
      wallClockOffsetMs: clock.wallClock() - clock.now(),
      inactivityMs: this.#inactivityMs,
      listener: this,
      now: () => clock.now(),
    });
    this.#legs.set(legId, { leg, rtpPort: rtp.local.port });
    return { legId, rtpPort: rtp.local.port, rtcpPort: rtcp.local.port, ssrc, cname };
  }

  async setRemote(legId: number, remote: RemoteMedia): Promise<void> {
    const leg = this.#leg(legId);
    this.#driver.run((now) => leg.setRemote(now, remote));
    await this.#connections.refresh(leg);
  }

  async connect(legA: number, legB: number): Promise<void> {
    const [a, b] = [this.#leg(legA), this.#leg(legB)];
    this.#stopTone(a);
    this.#stopTone(b);
    await this.#connections.join(a, b);
  }

  async disconnect(legId: number): Promise<void> {
    this.#part(this.#leg(legId));
  }

  async echo(legId: number): Promise<void> {
    const leg = this.#leg(legId);
    this.#stopTone(leg);
    await this.#connections.join(leg, leg);
  }

  async playTone(legId: number, tone: ToneName): Promise<void> {
    const leg = this.#leg(legId);
    const format = leg.sendFormat;
    const encoded = format && (await this.#tones.encoded(tone, format));
    if (!format || !encoded || !this.#legs.has(legId)) return;
    this.#stopTone(leg);
    await new Promise<void>((resolve) => {
      this.#driver.run((now) => {
        const player = new TonePlayer(now, { leg, tone: encoded, format, onDone: () => done() });
        const done = () => {
          this.#players.delete(leg);
          this.#deadlines.clear(player);
          leg.isPlaying = false;
          resolve();
        };
        leg.isPlaying = true;
        this.#players.set(leg, player);
        this.#deadlines.set(player, player.nextTimeoutAt());
      });
    });
  }

  async playFile(legId: number, _file: PlayFileOptions): Promise<void> {
    this.#leg(legId);
    throw new OperationError('MEDIA_FILE_UNUSABLE', 'files are not played yet');
  }

  async stopPlaying(legId: number): Promise<void> {
    this.#stopTone(this.#leg(legId));
  }

  async sendDigits(legId: number, _digits: string): Promise<void> {
    this.#leg(legId);
    throw new OperationError('MEDIA_FAILED', 'digits are not sent yet');
  }

  async report(legId: number): Promise<LegReport> {
    return this.#leg(legId).report();
  }

  async closeLeg(legId: number): Promise<LegReport> {
    const entry = this.#legs.get(legId);
    if (!entry) throw unknownLeg(legId);
    this.#legs.delete(legId);
    return this.#close(entry);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const entry of this.#legs.values()) this.#close(entry);
    this.#legs.clear();
    this.#driver.close();
  }

  legInactive({ legId }: Leg): void {
    this.emit('inactive', { legId });
  }

  legLearned({ legId }: Leg, source: Endpoint): void {
    this.emit('sourceLearned', { legId, source });
  }

  legRefused({ legId }: Leg, source: Endpoint): void {
    this.#runtime.log.debug({ legId, source }, 'media from a stranger dropped');
    this.emit('sourceRefused', { legId, source });
  }

  legDigit({ legId }: Leg, digit: { readonly digit: string; readonly durationMs: number }): void {
    this.emit('digit', { legId, ...digit });
  }

  legRearmed(leg: Leg): void {
    this.#deadlines.set(leg, leg.nextTimeoutAt());
  }

  #leg(legId: number): Leg {
    const entry = this.#legs.get(legId);
    if (!entry) throw unknownLeg(legId);
    return entry.leg;
  }

  #stopTone(leg: Leg): void {
    this.#players.get(leg)?.stop();
  }

  /** Ends what the leg hears and who hears it: sound of a new peer never waits for a tone. */
  #part(leg: Leg): void {
    this.#stopTone(leg);
    this.#connections.part(leg);
  }

  #close({ leg, rtpPort }: { readonly leg: Leg; readonly rtpPort: number }): LegReport {
    this.#part(leg);
    const report = this.#driver.run((now) => leg.close(now));
    this.#deadlines.clear(leg);
    this.#ports.give(rtpPort);
    return report;
  }

  #handleTimeout(now: number): void {
    for (let due = this.#deadlines.takeDue(now); due; due = this.#deadlines.takeDue(now)) {
      due.handleTimeout(now);
      this.#deadlines.set(due, due.nextTimeoutAt());
    }
  }
}

function unknownLeg(legId: number): OperationError {
  return new OperationError('MEDIA_LEG_UNKNOWN', `there is no leg ${legId}, or it was closed`);
}
