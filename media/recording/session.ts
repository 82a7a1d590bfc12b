// A recording as the engine runs it: its files, its taps, its deadlines. A fault in it ends it, and nothing else.
import { messageOf, type TimedMachine } from '../../core/index.ts';
import type { RoomTap, RoomVoice } from '../conference/types.ts';
import { MAX_DELAY_MS, MIN_DELAY_MS } from '../jitter/index.ts';
import type { PacketTap } from '../leg/packet-tap.ts';
import { CallTap } from './call-tap.ts';
import { LegVoice, VOICE_DELAY_MS } from './leg-voice.ts';
import { Recorder, type RecorderOptions } from './recorder.ts';
import type { RecordingNote, RecordingReport } from './types.ts';

export interface RecordingSessionOptions
  extends Omit<RecorderOptions, 'onFailed' | 'soundDelayMs' | 'voiceDelayMs' | 'usualDelayMs'> {
  /** Whether it hears legs, by {@link RecordingSession.addLeg}, or a room. */
  readonly source: 'legs' | 'room';
  /** Its deadline may have moved nearer. */
  onRearmed(session: RecordingSession): void;
  /** It ended by itself. @param stack - where the fault is ours */
  onFailed(session: RecordingSession, reason: string, stack: string | undefined): void;
}

/** Two beats: one that reads, and one that is read. */
const BEATS_MS = 40;
const LEG_DELAYS = {
  soundDelayMs: VOICE_DELAY_MS + BEATS_MS,
  voiceDelayMs: VOICE_DELAY_MS + BEATS_MS,
  usualDelayMs: VOICE_DELAY_MS,
};
const ROOM_DELAYS = {
  soundDelayMs: BEATS_MS,
  voiceDelayMs: MAX_DELAY_MS + BEATS_MS,
  // On a good way: the least of a jitter buffer, and half a beat.
  usualDelayMs: MIN_DELAY_MS + BEATS_MS / 4,
};

export class RecordingSession implements TimedMachine, RoomTap {
  readonly recordingId: number;
  readonly #options: RecordingSessionOptions;
  readonly #recorder: Recorder;
  readonly #tap: CallTap | undefined;
  readonly #voices = new Map<number, LegVoice>();
  #stack: string | undefined;

  /** @throws OperationError `RECORDING_UNUSABLE` */
  constructor(now: number, options: RecordingSessionOptions) {
    this.#options = options;
    this.recordingId = options.recordingId;
    const isOfLegs = options.source === 'legs';
    this.#recorder = new Recorder(now, {
      ...options,
      ...(isOfLegs ? LEG_DELAYS : ROOM_DELAYS),
      onFailed: (reason) => this.#handleFailed(reason),
    });
    if (!isOfLegs) return;
    const { channels } = options;
    const onStarted = () => options.onRearmed(this);
    this.#tap = new CallTap(now, { recorder: this.#recorder, channels, onStarted });
  }

  /** @throws OperationError `RECORDING_UNUSABLE` */
  opened(): Promise<void> {
    return this.#recorder.opened();
  }

  get isWorking(): boolean {
    return this.#recorder.isWorking;
  }

  get report(): RecordingReport {
    return this.#recorder.report();
  }

  /** A leg whose packets are to be heard. @returns what hears them, and what decodes them */
  addLeg(now: number, leg: { readonly legId: number; readonly label: string }): LegTap {
    const voice = new LegVoice(leg.legId, (at) => this.#tap?.handleSound(at));
    this.#voices.set(leg.legId, voice);
    this.#tap?.add(voice);
    this.handleJoined(now, leg);
    // Without a closure a packet, as everything that packets pass.
    const handlePacket: PacketTap['handlePacket'] = (at, packet, offset, isCopy) => {
      try {
        voice.handlePacket(at, packet, offset, isCopy);
      } catch (error) {
        this.#fail(error);
      }
    };
    return { voice, handlePacket };
  }

  /** A leg of its own was closed. @returns whether that was the last */
  removeLeg(now: number, legId: number): boolean {
    const voice = this.#voices.get(legId);
    if (voice) voice.closedAt ??= now;
    return [...this.#voices.values()].every(({ closedAt }) => closedAt !== undefined);
  }

  handleJoined(now: number, member: { readonly legId: number; readonly label: string }): void {
    this.#guard(() => this.#recorder.handleJoined(now, member));
  }

  handleLeft(now: number, legId: number): void {
    this.#guard(() => this.#recorder.handleLeft(now, legId));
  }

  handleTalking(now: number, legId: number, isTalking: boolean): void {
    this.#guard(() => this.#recorder.handleTalking(now, legId, isTalking));
  }

  handleBeat(now: number, voices: readonly RoomVoice[], mix: Int16Array): void {
    this.#guard(() => this.#recorder.handleBeat(now, voices, mix));
  }

  handleDigit(
    now: number,
    legId: number,
    digit: { readonly digit: string; readonly durationMs: number },
  ): void {
    this.#guard(() => this.#recorder.handleDigit(now, legId, digit));
  }

  note(now: number, note: RecordingNote): void {
    this.#guard(() => this.#recorder.note(now, note));
  }

  nextTimeoutAt(): number | undefined {
    const [flush, beat] = [this.#recorder.nextTimeoutAt(), this.#tap?.nextTimeoutAt()];
    return flush === undefined || beat === undefined ? (flush ?? beat) : Math.min(flush, beat);
  }

  handleTimeout(now: number): void {
    this.#guard(() => {
      this.#tap?.handleTimeout(now);
      this.#recorder.handleTimeout(now);
    });
  }

  /** Resolves when everything is on the disk. */
  async stop(now: number): Promise<RecordingReport> {
    this.#guard(() => this.#tap?.drain(now));
    this.#tap?.close();
    return this.#recorder.stop(now);
  }

  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#stack = error instanceof Error ? error.stack : messageOf(error);
    this.#recorder.fail(error);
  }

  #handleFailed(reason: string): void {
    this.#tap?.close();
    this.#options.onFailed(this, reason, this.#stack);
  }
}

/** What hears a leg for a recording. */
export interface LegTap extends PacketTap {
  readonly voice: LegVoice;
}
