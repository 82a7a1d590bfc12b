// The media engine on one runtime: in a media worker, in the same thread, or in the virtual world.
import { Emitter, type Endpoint, messageOf, type Runtime, type TimedMachine } from '../../core/index.ts';
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
import { Deadlines } from './deadlines.ts';
import { diskFiles } from './disk-files.ts';
import { diskRecordings } from './disk-recordings.ts';
import { Legs, type OpenLeg } from './legs.ts';
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
  readonly #legs: Legs;
  readonly #deadlines: Deadlines;
  readonly #sounds: SoundLibrary;
  readonly #playing: Playing;
  readonly #rooms: Rooms;
  readonly #toneTaps: ToneTaps;
  readonly #connections: Connections;
  readonly #recordings: Recordings;

  constructor(runtime: Runtime, options: InlineMediaEngineOptions = {}) {
    super();
    this.#runtime = runtime;
    const { log, clock, network } = runtime;
    const now = () => clock.now();
    const { ports: range = DEFAULT_PORT_RANGE, inactivityMs = DEFAULT_INACTIVITY_MS } = options;
    const ports = new PortAllocator(network, range);
    this.#legs = new Legs({ runtime, ports, inactivityMs, listener: this, now });
    this.#deadlines = new Deadlines(runtime, (due, error) => this.#handleFault(due, error));
    const onStarted = (timed: TimedMachine) => this.#deadlines.watch(timed);
    const onDone = (timed: TimedMachine) => this.#deadlines.clear(timed);
    const codecs = new CodecSource(log, options.opusEngine);
    const maker = new ConversionMaker({ codecs, log, onStarted, onClosed: onDone });
    this.#sounds = new SoundLibrary(codecs, options.files ?? diskFiles);
    this.#toneTaps = new ToneTaps({ codecs, onDigit: (leg, digit) => this.#handleTone(leg, digit) });
    const isOpen = ({ legId }: Leg) => this.#legs.has(legId);
    this.#playing = new Playing({ sounds: this.#sounds, log, isOpen, now, onStarted, onDone });
    this.#connections = new Connections((plan, { to }) => maker.make(plan, to), log);
    this.#rooms = new Rooms({
      codecs,
      sounds: this.#sounds,
      connections: this.#connections,
      log,
      now,
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
      legOf: (legId) => this.#legs.get(legId),
      tapRoom: (roomId, tap) => this.#rooms.tap(roomId, tap),
      onStarted,
      onDone,
      onFailed: (failure) => this.emit('recordingFailed', failure),
    });
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

  openLeg(options: OpenLegOptions): Promise<OpenedLeg> {
    return this.#legs.open(options);
  }

  async setRemote(legId: number, remote: RemoteMedia): Promise<void> {
    const leg = this.#legs.get(legId);
    this.#deadlines.run((now) => leg.setRemote(now, remote));
    await Promise.all([
      this.#connections.refresh(leg),
      this.#toneTaps.refresh(leg),
      this.#rooms.refresh(leg),
      this.#recordings.refresh(leg),
    ]);
  }

  async connect(legA: number, legB: number): Promise<void> {
    const [a, b] = [this.#legs.get(legA), this.#legs.get(legB)];
    for (const leg of [a, b]) this.#leaveForAnother(leg);
    await this.#connections.join(a, b);
  }

  async disconnect(legId: number): Promise<void> {
    this.#part(this.#legs.get(legId));
  }

  async echo(legId: number): Promise<void> {
    const leg = this.#legs.get(legId);
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
    const leg = this.#legs.get(legId);
    this.#playing.stop(leg);
    await this.#rooms.join(leg, roomId, settings);
  }

  async setMember(legId: number, changes: Partial<MemberSettings>): Promise<void> {
    this.#rooms.set(this.#legs.get(legId), changes);
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
    await this.#playing.playTone(this.#legs.get(legId), tone);
  }

  async playFile(legId: number, file: PlayFileOptions): Promise<void> {
    await this.#playing.playFile(this.#legs.get(legId), file);
  }

  async stopPlaying(legId: number): Promise<void> {
    this.#playing.stop(this.#legs.get(legId));
  }

  async sendDigits(legId: number, digits: string): Promise<void> {
    await this.#playing.sendDigits(this.#legs.get(legId), digits);
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
    return this.#legs.get(legId).report();
  }

  async closeLeg(legId: number): Promise<LegReport> {
    return this.#close(this.#legs.take(legId));
  }

  async close(): Promise<void> {
    for (const open of this.#legs.takeAll()) this.#close(open);
    this.#rooms.closeAll();
    this.#sounds.close();
    this.#deadlines.close();
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
    if (!this.#legs.has(legId)) return;
    const open = this.#legs.take(legId);
    const reason = messageOf(error);
    const stack = error instanceof Error ? error.stack : reason;
    this.#runtime.log.error({ legId, stack }, 'a leg of the media engine failed');
    try {
      this.#close(open);
    } catch {
      // Whatever is broken in it may be what says goodbye; its sockets are closed all the same.
    }
    this.emit('failed', { legIds: [legId], reason });
  }

  legRearmed(leg: Leg): void {
    this.#deadlines.rearm(leg);
  }

  /** A digit that came as a tone goes on as the peer knows it; events pass by themselves. */
  #handleTone(leg: Leg, digit: { readonly digit: string; readonly durationMs: number }): void {
    this.legDigit(leg, digit);
    const { peer } = leg;
    if (peer?.eventFormat && this.#legs.has(leg.legId)) this.#playing.passDigit(peer, digit.digit);
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

  #close(open: OpenLeg): LegReport {
    const { leg } = open;
    try {
      this.#part(leg);
      this.#toneTaps.release(leg);
      this.#recordings.release(leg);
    } catch (error) {
      // Whatever is broken in what it was part of, its sockets are closed.
      this.#sayGoodbye(open);
      throw error;
    }
    return this.#sayGoodbye(open);
  }

  #sayGoodbye({ leg, close }: OpenLeg): LegReport {
    try {
      return this.#deadlines.run(close);
    } finally {
      this.#deadlines.clear(leg);
    }
  }

  /** Whatever throws has no further deadline: a leg ends, a player or a conversion falls silent. */
  #handleFault(due: TimedMachine, error: unknown): void {
    if (due instanceof Leg) return this.legFailed(due, error);
    const stack = error instanceof Error ? error.stack : messageOf(error);
    const room = due instanceof Room ? { room: due.options.label } : {};
    if (due instanceof Room) due.fail();
    this.#runtime.log.error({ stack, ...room }, 'sound of the media engine failed');
  }
}
