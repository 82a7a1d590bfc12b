// Listens to a party's sound for digits, where the party has no other way to send them.

import { remix } from '../audio/remix.ts';
import { Resampler } from '../audio/resampler.ts';
import type { Codec } from '../codec/index.ts';
import { rtpPayloadEnd, rtpPayloadType, rtpTimestamp } from '../rtp/index.ts';
import { DTMF_RATE_HZ, DtmfDetector } from '../telephone-event/index.ts';

/** What is missing is made up so far: a digit with a hole is one digit. */
const LONGEST_HOLE_MS = 60;

export interface ToneTapOptions {
  /** Of the party's sound formats by payload type; the tap's own from now on. */
  readonly decoders: ReadonlyMap<number, Codec>;
  onDigit(digit: string, durationMs: number): void;
}

/** Decodes without a jitter buffer: a digit waits for nothing, and what comes behind its turn is not heard. */
export class ToneTap {
  readonly #decoders: ReadonlyMap<number, Codec>;
  readonly #detector: DtmfDetector;
  #resampler: Resampler | undefined;
  /** Timestamp of what comes next in order. */
  #expected: number | undefined;

  constructor({ decoders, onDigit }: ToneTapOptions) {
    this.#decoders = decoders;
    this.#detector = new DtmfDetector(onDigit);
  }

  /** @param packet - RTP, whose payload begins at `offset`; only read */
  handlePacket(packet: Uint8Array, offset: number): void {
    const decoder = this.#decoders.get(rtpPayloadType(packet));
    if (!decoder) return;
    const { clockRateHz } = decoder.description;
    const timestamp = rtpTimestamp(packet);
    const holeTicks = this.#expected === undefined ? 0 : (timestamp - this.#expected) | 0;
    if (holeTicks < 0 && holeTicks > -clockRateHz) return;
    const pcm = decoder.decode(packet.subarray(offset, rtpPayloadEnd(packet)));
    if (!(pcm instanceof Int16Array)) return;
    const { sampleRateHz, soundChannels = 1 } = decoder.description;
    if (holeTicks > 0 && holeTicks <= (LONGEST_HOLE_MS * clockRateHz) / 1000) {
      this.#listen(decoder, decoder.conceal(Math.round((holeTicks * sampleRateHz) / clockRateHz)));
    }
    this.#listen(decoder, pcm);
    const durationTicks = (pcm.length / soundChannels / sampleRateHz) * clockRateHz;
    this.#expected = (timestamp + Math.round(durationTicks)) >>> 0;
  }

  close(): void {
    for (const decoder of this.#decoders.values()) decoder.close();
  }

  #listen({ description }: Codec, pcm: Int16Array): void {
    const { sampleRateHz, soundChannels = 1 } = description;
    if (this.#resampler?.inputHz !== sampleRateHz)
      this.#resampler = new Resampler(sampleRateHz, DTMF_RATE_HZ);
    this.#detector.handleSound(this.#resampler.process(remix(pcm, soundChannels, 1)));
  }
}
