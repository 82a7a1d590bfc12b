// The recordings of one engine: begun and ended by call control, and by themselves where nothing is left to record.
import { OperationError, type Runtime, type TimedMachine } from '../../core/index.ts';
import type { Codec } from '../codec/index.ts';
import type { RoomTap } from '../conference/types.ts';
import { isSoundFormat, type Leg } from '../leg/index.ts';
import {
  type LegTap,
  type RecordingFiles,
  type RecordingNote,
  type RecordingOptions,
  type RecordingReport,
  RecordingSession,
  type RecordingTarget,
  type StartedRecording,
  trackMaker,
} from '../recording/index.ts';
import type { CodecSource } from '../transcode/index.ts';

/** Recordings that ended by themselves, of which the last are remembered until somebody asks. */
const MAX_ENDED = 1000;

export interface RecordingsOptions {
  readonly runtime: Pick<Runtime, 'clock' | 'random' | 'log'>;
  readonly codecs: CodecSource;
  readonly files: RecordingFiles;
  /** @throws OperationError `MEDIA_LEG_UNKNOWN` */
  legOf(legId: number): Leg;
  /**
   * Lets somebody hear a room. @returns what ends that
   *
   * @throws OperationError `MEDIA_ROOM_UNKNOWN`
   */
  tapRoom(roomId: number, tap: RoomTap): () => void;
  onStarted(timed: TimedMachine): void;
  onDone(timed: TimedMachine): void;
  onFailed(failure: { readonly recordingId: number; readonly reason: string }): void;
}

/** Who hears a leg for a recording, and what it decodes. */
interface Recorded {
  readonly session: RecordingSession;
  readonly tap: LegTap;
  key: string;
}

export class Recordings {
  readonly #options: RecordingsOptions;
  readonly #running = new Map<number, RecordingSession>();
  /** Those that ended by themselves. */
  readonly #ended = new Map<number, Promise<RecordingReport>>();
  readonly #recorded = new Map<Leg, Recorded>();
  readonly #parting = new Map<RecordingSession, () => void>();
  /** Which room is heard. */
  readonly #rooms = new Map<RecordingSession, number>();
  readonly #makeTrack: ReturnType<typeof trackMaker>;
  #lastId = 0;
  /** Those that have something left to write. */
  readonly #ending = new Set<Promise<RecordingReport>>();

  constructor(options: RecordingsOptions) {
    const { codecs, runtime } = options;
    this.#options = options;
    this.#makeTrack = trackMaker({
      createOpus: (channels) => codecs.createOpus(channels),
      serialNumber: () => runtime.random.uint32(),
    });
  }

  /** Whether something waits for the disk, for which turns of the event loop are needed. */
  get isWorking(): boolean {
    for (const session of this.#running.values()) if (session.isWorking) return true;
    return this.#ending.size > 0;
  }

  /** See `RecordingControl`. */
  async start(target: RecordingTarget, options: RecordingOptions): Promise<StartedRecording> {
    const session = await ('roomId' in target
      ? this.#startRoom(target.roomId, options)
      : this.#startLegs(
          target.legIds.map((legId) => this.#options.legOf(legId)),
          options,
        ));
    return { recordingId: session.recordingId, files: session.report.files };
  }

  /** @throws OperationError `RECORDING_UNKNOWN` */
  async stop(recordingId: number): Promise<RecordingReport> {
    const ended = this.#ended.get(recordingId);
    this.#ended.delete(recordingId);
    if (ended) return ended;
    const session = this.#find(recordingId);
    this.#release(session);
    return this.#end(session);
  }

  /** @throws OperationError `RECORDING_UNKNOWN` */
  note(recordingId: number, note: RecordingNote): void {
    this.#find(recordingId).note(this.#options.runtime.clock.now(), note);
  }

  handleDigit(leg: Leg, digit: { readonly digit: string; readonly durationMs: number }): void {
    if (this.#running.size === 0) return;
    const now = this.#options.runtime.clock.now();
    for (const session of this.#running.values()) session.handleDigit(now, leg.legId, digit);
  }

  /** The leg has new SDP. Resolves when its sound is recorded again, where it is recorded at all. */
  async refresh(leg: Leg): Promise<void> {
    const recorded = this.#recorded.get(leg);
    if (!recorded) return;
    const formats = leg.receiveFormats;
    const key = JSON.stringify(formats);
    if (recorded.key === key) return;
    recorded.key = key;
    const decoders = new Map<number, Codec>();
    for (const format of formats.filter(isSoundFormat)) {
      const decoder = await this.#options.codecs.create(format);
      if (decoder) decoders.set(format.payloadType, decoder);
    }
    // Meanwhile SDP may have changed, or the recording ended.
    if (this.#recorded.get(leg) !== recorded || recorded.key !== key) {
      for (const decoder of decoders.values()) decoder.close();
      return;
    }
    recorded.tap.voice.setDecoders(decoders, formats);
    leg.recordingTap = recorded.tap;
  }

  /** The leg is closed: a recording of which it was the last ends. */
  release(leg: Leg): void {
    const recorded = this.#recorded.get(leg);
    if (!recorded) return;
    this.#recorded.delete(leg);
    leg.recordingTap = undefined;
    const isLast = recorded.session.removeLeg(this.#options.runtime.clock.now(), leg.legId);
    if (isLast) this.#endByItself(recorded.session);
  }

  /** The room is closed: a recording of it ends. */
  releaseRoom(roomId: number): void {
    for (const [session, recorded] of this.#rooms) if (recorded === roomId) this.#endByItself(session);
  }

  /** Ends all. Resolves when everything is on the disk. */
  async close(): Promise<void> {
    for (const recordingId of [...this.#running.keys()]) void this.stop(recordingId).catch(() => {});
    // Those as well that somebody else has ended: whoever closes a thread ends it.
    await Promise.allSettled(this.#ending);
  }

  async #startLegs(legs: readonly Leg[], options: RecordingOptions): Promise<RecordingSession> {
    const now = this.#options.runtime.clock.now();
    const busy = legs.find((leg) => this.#recorded.has(leg));
    if (busy) throw unusable(`"${busy.label}" is recorded already`);
    if (legs.length === 0 || new Set(legs).size < legs.length)
      throw unusable('no legs are named, or one twice');
    const session = this.#make(now, 'legs', options, legs.length === 2 ? 2 : 1);
    for (const leg of legs) {
      const tap = session.addLeg(now, leg);
      this.#recorded.set(leg, { session, tap, key: '' });
    }
    this.#parting.set(session, () => this.#partLegs(session, legs));
    // Side by side: what is said while an encoder is being made waits for it.
    await Promise.all([this.#open(session), ...legs.map((leg) => this.refresh(leg))]);
    return session;
  }

  async #startRoom(roomId: number, options: RecordingOptions): Promise<RecordingSession> {
    const session = this.#make(this.#options.runtime.clock.now(), 'room', options, 1);
    try {
      // At once: who is there now has joined, and the room may be closed while files are opened.
      this.#parting.set(session, this.#options.tapRoom(roomId, session));
      this.#rooms.set(session, roomId);
    } catch (error) {
      this.#release(session);
      await this.#end(session);
      throw error;
    }
    await this.#open(session);
    return session;
  }

  #make(now: number, source: 'legs' | 'room', options: RecordingOptions, channels: 1 | 2): RecordingSession {
    const { runtime, files } = this.#options;
    const { clock } = runtime;
    this.#lastId += 1;
    const session: RecordingSession = new RecordingSession(now, {
      ...options,
      source,
      channels,
      files,
      recordingId: this.#lastId,
      makeTrack: this.#makeTrack,
      wallClock: clock.wallClock(),
      now: () => clock.now(),
      onRearmed: (timed) => this.#options.onStarted(timed),
      onFailed: (...failure) => this.#handleFailed(...failure),
    });
    this.#running.set(session.recordingId, session);
    return session;
  }

  async #open(session: RecordingSession): Promise<void> {
    this.#options.onStarted(session);
    try {
      await session.opened();
    } catch (error) {
      this.#release(session);
      await this.#end(session);
      throw error;
    }
  }

  #partLegs(session: RecordingSession, legs: readonly Leg[]): void {
    for (const leg of legs) {
      if (this.#recorded.get(leg)?.session !== session) continue;
      this.#recorded.delete(leg);
      leg.recordingTap = undefined;
    }
  }

  #endByItself(session: RecordingSession): void {
    this.#release(session);
    this.#remember(session.recordingId, this.#end(session));
  }

  async #end(session: RecordingSession): Promise<RecordingReport> {
    const ending = session.stop(this.#options.runtime.clock.now());
    this.#ending.add(ending);
    try {
      return await ending;
    } finally {
      this.#ending.delete(ending);
    }
  }

  #handleFailed(session: RecordingSession, reason: string, stack: string | undefined): void {
    const { recordingId } = session;
    this.#release(session);
    this.#remember(recordingId, this.#end(session));
    const { log } = this.#options.runtime;
    const [file] = session.report.files;
    if (stack !== undefined) log.error({ file, stack }, 'a recording failed');
    else log.warn({ file, reason }, 'a recording ended early; the call goes on');
    this.#options.onFailed({ recordingId, reason });
  }

  #release(session: RecordingSession): void {
    this.#running.delete(session.recordingId);
    this.#options.onDone(session);
    this.#parting.get(session)?.();
    this.#parting.delete(session);
    this.#rooms.delete(session);
  }

  #remember(recordingId: number, report: Promise<RecordingReport>): void {
    this.#ended.set(recordingId, report);
    report.catch(() => {});
    const [oldest] = this.#ended.keys();
    if (this.#ended.size > MAX_ENDED && oldest !== undefined) this.#ended.delete(oldest);
  }

  #find(recordingId: number): RecordingSession {
    const session = this.#running.get(recordingId);
    if (session) return session;
    throw new OperationError(
      'RECORDING_UNKNOWN',
      `there is no recording ${recordingId}, or it was stopped already`,
    );
  }
}

function unusable(reason: string): OperationError {
  return new OperationError('RECORDING_UNUSABLE', reason);
}
