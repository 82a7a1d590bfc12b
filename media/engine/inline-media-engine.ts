// The media engine on one runtime: in a media worker, in the same thread, or in the virtual world.
import {
  DeadlineQueue,
  Driver,
  Emitter,
  type Endpoint,
  messageOf,
  OperationError,
  type Runtime,
  type TimedMachine,
} from '../../core/index.ts';
import {
  type MemberSettings,
  type OpenedRoom,
  type OpenRoomOptions,
  Room,
  type RoomReport,
  type RoomSound,
  type RoomTap,
} from '../conference/index.ts';
import { Leg, type LegListener } from '../leg/index.ts';
import type {
  RecordingNote,
  RecordingOptions,
  RecordingReport,
  RecordingTarget,
  StartedRecording,
} from '../recording/index.ts';
import { SoundLibrary } from '../tone/index.ts';
import { CodecSource, ConversionMaker } from '../transcode/index.ts';
import { Connections } from './connections.ts';
import { diskFiles } from './disk-files.ts';
import { diskRecordings } from './disk-recordings.ts';
import { DEFAULT_INACTIVITY_MS, DEFAULT_PORT_RANGE, type InlineMediaEngineOptions } from './options.ts';
import { Playing } from './playing.ts';
import { PortAllocator } from './port-allocator.ts';
import { Recordings } from './recordings.ts';
import { Rooms } from './rooms.ts';
import { ToneTaps } from './tone-taps.ts';
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

/** Owns its legs until they are closed, or all of them until it is itself. */
export class InlineMediaEngine extends Emitter<MediaEngineEvents> implements MediaEngine, LegListener {
  readonly #runtime: Runtime;
  readonly #ports: PortAllocator;
  readonly #inactivityMs: number;
  /** One for all legs. */
  readonly #now: () => number;
  readonly #legs = new Map<number, OpenLeg>();
  readonly #deadlines = new DeadlineQueue<TimedMachine>();
  readonly #driver: Driver;
  readonly #sounds: SoundLibrary;
  readonly #playing: Playing;
  readonly #rooms: Rooms;
  readonly #toneTaps: ToneTaps;
  readonly #connections: Connections;
  readonly #recordings: Recordings;
  #lastLegId = 0;
  #isClosed = false;

  constructor(runtime: Runtime, options: InlineMediaEngineOptions = {}) {
    super();
    this.#runtime = runtime;
    this.#ports = new PortAllocator(runtime.network, options.ports ?? DEFAULT_PORT_RANGE);
    this.#inactivityMs = options.inactivityMs ?? DEFAULT_INACTIVITY_MS;
    const { log, clock } = runtime;
    this.#now = () => clock.now();
    const onStarted = (timed: TimedMachine) => this.#watch(timed);
    const onDone = (timed: TimedMachine) => this.#deadlines.clear(timed);
    const codecs = new CodecSource(log, options.opusEngine);
    const maker = new ConversionMaker({ codecs, log, onStarted, onClosed: onDone });
    this.#sounds = new SoundLibrary(codecs, options.files ?? diskFiles);
    this.#toneTaps = new ToneTaps({ codecs, onDigit: (leg, digit) => this.#handleTone(leg, digit) });
    const isOpen = ({ legId }: Leg) => this.#legs.has(legId);
    this.#playing = new Playing({ sounds: this.#sounds, log, isOpen, now: this.#now, onStarted, onDone });
    this.#connections = new Connections((plan, { to }) => maker.make(plan, to), log);
    this.#rooms = new Rooms({
      codecs,
      sounds: this.#sounds,
      connections: this.#connections,
      log,
      now: this.#now,
      exactNow: () => clock.exactNow?.() ?? clock.now(),
      onRearmed: onStarted,
      onTalking: (event) => this.emit('talking', event),
      onLevels: (event) => this.emit('levels', event),
      onFailed: (leg, error) => this.legFailed(leg, error),
    });
    this.#recordings = new Recordings({
      runtime,
      codecs,
      files: options.recordingFiles ?? diskRecordings,
      legOf: (legId) => this.#leg(legId),
      tapRoom: (roomId, tap) => this.#rooms.tap(roomId, tap),
      onStarted,
      onDone,
      onFailed: (failure) => this.emit('recordingFailed', failure),
    });
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

  /** Whether something is being loaded or written that needs turns of the event loop, though nobody has called. */
  get isLoading(): boolean {
    return this.#connections.makingCount + this.#rooms.makingCount > 0 || this.#recordings.isWorking;
  }

  get roomCount(): number {
    return this.#rooms.roomCount;
  }

  /** What waits for its time: legs, players, transcoders, rooms. */
  get deadlineCount(): number {
    return this.#deadlines.size;
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
      now: this.#now,
    });
    this.#legs.set(legId, { leg, rtpPort: rtp.local.port });
    return { legId, rtpPort: rtp.local.port, rtcpPort: rtcp.local.port, ssrc, cname };
  }

  async setRemote(legId: number, remote: RemoteMedia): Promise<void> {
    const leg = this.#leg(legId);
    this.#driver.run((now) => leg.setRemote(now, remote));
    await Promise.all([
      this.#connections.refresh(leg),
      this.#toneTaps.refresh(leg),
      this.#rooms.refresh(leg),
      this.#recordings.refresh(leg),
    ]);
  }

  async connect(legA: number, legB: number): Promise<void> {
    const [a, b] = [this.#leg(legA), this.#leg(legB)];
    for (const leg of [a, b]) this.#leaveForAnother(leg);
    await this.#connections.join(a, b);
  }

  async disconnect(legId: number): Promise<void> {
    this.#part(this.#leg(legId));
  }

  async echo(legId: number): Promise<void> {
    const leg = this.#leg(legId);
    this.#leaveForAnother(leg);
    await this.#connections.join(leg, leg);
  }

  async openRoom(options: OpenRoomOptions): Promise<OpenedRoom> {
    return { roomId: this.#rooms.open(options) };
  }

  async closeRoom(roomId: number): Promise<void> {
    this.#rooms.close(roomId);
    this.#recordings.releaseRoom(roomId);
  }

  async joinRoom(legId: number, roomId: number, settings: Partial<MemberSettings> = {}): Promise<void> {
    const leg = this.#leg(legId);
    this.#playing.stop(leg);
    await this.#rooms.join(leg, roomId, settings);
  }

  async setMember(legId: number, changes: Partial<MemberSettings>): Promise<void> {
    this.#rooms.set(this.#leg(legId), changes);
  }

  async playInRoom(roomId: number, sound: RoomSound): Promise<void> {
    await this.#rooms.play(roomId, sound);
  }

  async roomReport(roomId: number): Promise<RoomReport> {
    return this.#rooms.report(roomId);
  }

  /**
   * Hears a room from within this thread; the tap is told at once of the members that are there.
   *
   * @returns what ends it
   * @throws OperationError `MEDIA_ROOM_UNKNOWN`
   */
  tapRoom(roomId: number, tap: RoomTap): () => void {
    return this.#rooms.tap(roomId, tap);
  }

  async playTone(legId: number, tone: ToneName): Promise<void> {
    await this.#playing.playTone(this.#leg(legId), tone);
  }

  async playFile(legId: number, file: PlayFileOptions): Promise<void> {
    await this.#playing.playFile(this.#leg(legId), file);
  }

  async stopPlaying(legId: number): Promise<void> {
    this.#playing.stop(this.#leg(legId));
  }

  async sendDigits(legId: number, digits: string): Promise<void> {
    await this.#playing.sendDigits(this.#leg(legId), digits);
  }

  startRecording(target: RecordingTarget, options: RecordingOptions): Promise<StartedRecording> {
    return this.#recordings.start(target, options);
  }

  stopRecording(recordingId: number): Promise<RecordingReport> {
    return this.#recordings.stop(recordingId);
  }

  async noteInRecording(recordingId: number, note: RecordingNote): Promise<void> {
    this.#recordings.note(recordingId, note);
  }

  async report(legId: number): Promise<LegReport> {
    return this.#leg(legId).report();
  }

  async closeLeg(legId: number): Promise<LegReport> {
    const entry = this.#entry(legId);
    this.#legs.delete(legId);
    return this.#close(entry);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const entry of this.#legs.values()) this.#close(entry);
    this.#legs.clear();
    this.#rooms.closeAll();
    this.#sounds.close();
    this.#driver.close();
    await this.#recordings.close();
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

  legDigit(leg: Leg, digit: { readonly digit: string; readonly durationMs: number }): void {
    this.#recordings.handleDigit(leg, digit);
    this.emit('digit', { legId: leg.legId, ...digit });
  }

  legFailed({ legId }: Leg, error: unknown): void {
    const entry = this.#legs.get(legId);
    if (!entry) return;
    const reason = messageOf(error);
    const stack = error instanceof Error ? error.stack : reason;
    this.#runtime.log.error({ legId, stack }, 'a leg of the media engine failed');
    this.#legs.delete(legId);
    try {
      this.#close(entry);
    } catch {
      // Whatever is broken in it may be what says goodbye; its sockets are closed all the same.
    }
    this.emit('failed', { legIds: [legId], reason });
  }

  legRearmed(leg: Leg): void {
    this.#deadlines.set(leg, leg.nextTimeoutAt());
  }

  #leg(legId: number): Leg {
    return this.#entry(legId).leg;
  }

  #entry(legId: number): OpenLeg {
    const entry = this.#legs.get(legId);
    if (entry) return entry;
    throw new OperationError('MEDIA_LEG_UNKNOWN', `there is no leg ${legId}, or it was closed`);
  }

  /** A digit that came as a tone goes on as the peer knows it; events pass by themselves. */
  #handleTone(leg: Leg, digit: { readonly digit: string; readonly durationMs: number }): void {
    this.legDigit(leg, digit);
    const { peer } = leg;
    if (peer?.eventFormat && this.#legs.has(leg.legId)) this.#playing.passDigit(peer, digit.digit);
  }

  #watch(timed: TimedMachine): void {
    this.#driver.run(() => this.#deadlines.set(timed, timed.nextTimeoutAt()));
  }

  #leaveForAnother(leg: Leg): void {
    this.#playing.stop(leg);
    this.#rooms.leave(leg);
  }

  /** Ends what the leg hears and who hears it: sound of a new peer never waits for a tone. */
  #part(leg: Leg): void {
    this.#leaveForAnother(leg);
    this.#connections.part(leg);
  }

  #close({ leg, rtpPort }: OpenLeg): LegReport {
    this.#part(leg);
    this.#toneTaps.release(leg);
    this.#recordings.release(leg);
    try {
      return this.#driver.run((now) => leg.close(now));
    } finally {
      this.#deadlines.clear(leg);
      this.#ports.give(rtpPort);
    }
  }

  #handleTimeout(now: number): void {
    for (let due = this.#deadlines.takeDue(now); due; due = this.#deadlines.takeDue(now)) {
      try {
        due.handleTimeout(now);
        this.#deadlines.set(due, due.nextTimeoutAt());
      } catch (error) {
        this.#handleFault(due, error);
      }
    }
  }

  /** Whatever throws has no further deadline: a leg ends, a player or a conversion falls silent. */
  #handleFault(due: TimedMachine, error: unknown): void {
    this.#deadlines.clear(due);
    if (due instanceof Leg) return this.legFailed(due, error);
    const stack = error instanceof Error ? error.stack : messageOf(error);
    const room = due instanceof Room ? { room: due.options.label } : {};
    if (due instanceof Room) due.fail();
    this.#runtime.log.error({ stack, ...room }, 'sound of the media engine failed');
  }
}

interface OpenLeg {
  readonly leg: Leg;
  readonly rtpPort: number;
}
