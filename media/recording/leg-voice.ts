// What one party of a recorded call says, decoded for the recording alone.

import { remix } from '../audio/remix.ts';
import { Resampler } from '../audio/resampler.ts';
import type { Codec } from '../codec/index.ts';
import type { PayloadFormat } from '../engine/types.ts';
import { isComfortNoise } from '../leg/format-table.ts';
import type { PacketTap } from '../leg/packet-tap.ts';
import { PacketFeed } from '../receiver/packet-feed.ts';
import { VoiceReceiver } from '../receiver/voice-receiver.ts';
import { TalkDetector } from './talk-detector.ts';
import { RECORDING_RATE_HZ } from './track-file.ts';

/**
 * Sound is taken so long after it came, whatever the network does: all parties alike, so that they stay aligned. What
 * comes later is concealed. Nobody waits for a recording, so it can be more than a call would bear.
 */
export const VOICE_DELAY_MS = 250;
/** A party that sends nothing for longer is not read any more. */
const IDLE_MS = 1000 + VOICE_DELAY_MS;

/** The tap of one leg. */
export class LegVoice implements PacketTap {
  readonly legId: number;
  readonly talk = new TalkDetector();
  readonly #receiver = new VoiceReceiver({
    jitter: { minDelayMs: VOICE_DELAY_MS, maxDelayMs: VOICE_DELAY_MS },
  });
  readonly #onSound: (now: number) => void;
  #decoders: ReadonlyMap<number, Codec> = new Map();
  #feed: PacketFeed | undefined;
  #resampler: Resampler | undefined;
  #nothing = new Int16Array(0);
  #lastPacketAt = Number.NEGATIVE_INFINITY;
  /** When its leg was closed; what came before is still to be read. */
  closedAt: number | undefined;

  /** @param onSound - called with each packet of sound */
  constructor(legId: number, onSound: (now: number) => void) {
    this.legId = legId;
    this.#onSound = onSound;
  }

  /** @param decoders - of the sound formats by payload type; the voice's own from now on */
  setDecoders(decoders: ReadonlyMap<number, Codec>, formats: readonly PayloadFormat[]): void {
    this.#closeDecoders();
    this.#decoders = decoders;
    const comfortNoise = formats.filter(isComfortNoise).map(({ payloadType }) => payloadType);
    const clockRatesHz = new Map(formats.map((format) => [format.payloadType, format.clockRateHz]));
    this.#feed = new PacketFeed({ receiver: this.#receiver, decoders, comfortNoise, clockRatesHz });
  }

  handlePacket(now: number, packet: Uint8Array, offset: number, isCopy: boolean): void {
    if (!this.#feed?.push(now, packet, offset, isCopy)) return;
    this.#lastPacketAt = now;
    this.#onSound(now);
  }

  /** How long what was read last had waited. */
  get delayMs(): number {
    return this.#receiver.playedDelayMs;
  }

  isIdle(now: number): boolean {
    return now - this.#lastPacketAt > IDLE_MS;
  }

  /** @returns mono sound at {@link RECORDING_RATE_HZ}; valid until the next read */
  read(now: number, durationMs: number): Int16Array {
    if (this.isIdle(now)) return this.#silence(durationMs);
    const receiver = this.#receiver;
    const mono = remix(receiver.read(now, durationMs), receiver.channels, 1);
    if (this.#resampler?.inputHz !== receiver.sampleRateHz) {
      this.#resampler = new Resampler(receiver.sampleRateHz, RECORDING_RATE_HZ);
    }
    return this.#resampler.process(mono);
  }

  close(): void {
    this.#closeDecoders();
    this.#decoders = new Map();
    this.#feed = undefined;
  }

  #silence(durationMs: number): Int16Array {
    const length = (durationMs * RECORDING_RATE_HZ) / 1000;
    if (this.#nothing.length !== length) this.#nothing = new Int16Array(length);
    return this.#nothing;
  }

  #closeDecoders(): void {
    for (const decoder of this.#decoders.values()) decoder.close();
  }
}
