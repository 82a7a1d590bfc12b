// A party that says a tone in any format, and keeps the packets that it gets: proofs of who hears what.
import type { Endpoint, UdpSocket } from '../../../core/index.ts';
import { silentLog } from '../../../core/index.ts';
import { remix } from '../../../media/audio/index.ts';
import type { Codec } from '../../../media/codec/index.ts';
import type { OpenedLeg, PayloadFormat } from '../../../media/index.ts';
import {
  byteAt,
  CLIENT_LEVEL_BYTES,
  demultiplexMedia,
  encodeRtp,
  RTP_HEADER_BYTES,
  rtpMarker,
  rtpPayloadOffset,
  rtpPayloadType,
  rtpSequenceNumber,
  rtpTimestamp,
  uint32At,
  writeClientLevel,
} from '../../../media/rtp/index.ts';
import { CodecSource } from '../../../media/transcode/index.ts';
import { type Host, makeTone, toneLevelDbov } from '../../support/index.ts';
import { RELAY } from './stage.ts';

export const FORMATS = {
  pcmu: { payloadType: 0, encoding: 'pcmu', clockRateHz: 8000, channels: 1 },
  pcma: { payloadType: 8, encoding: 'pcma', clockRateHz: 8000, channels: 1 },
  g722: { payloadType: 9, encoding: 'g722', clockRateHz: 8000, channels: 1 },
  opus: { payloadType: 111, encoding: 'opus', clockRateHz: 48_000, channels: 2 },
  events8000: { payloadType: 101, encoding: 'telephone-event', clockRateHz: 8000, channels: 1 },
  events48000: { payloadType: 110, encoding: 'telephone-event', clockRateHz: 48_000, channels: 1 },
} satisfies Record<string, PayloadFormat>;

/** One RTP packet as the party got it. */
export interface Heard {
  readonly at: number;
  readonly payloadType: number;
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly marker: boolean;
  /** RFC 3550 §5.1. */
  readonly csrcs: readonly number[];
  readonly payload: Uint8Array;
  /** All of it. */
  readonly bytes: Uint8Array;
}

export class ToneParty {
  readonly local: Endpoint;
  readonly heard: Heard[] = [];
  /** That it sends under. */
  ssrc = 77;
  /** What it says of its own level (RFC 6464), whatever its sound is; undefined where it says nothing. */
  told: { readonly id: number; readonly levelDbov: number; readonly isVoice: boolean } | undefined;
  readonly #host: Host;
  readonly #rtp: UdpSocket;
  readonly #format: PayloadFormat;
  readonly #codec: Codec;
  #leg: OpenedLeg | undefined;
  #sequenceNumber = 1000;
  #timestamp = 5000;
  #isClosed = false;

  /** @param channels - of Opus: what it says, and hears */
  static async create(host: Host, format: PayloadFormat, channels: 1 | 2 = 1): Promise<ToneParty> {
    const rtp = await host.network.bindUdp({ address: host.address, port: 4000 });
    const codec = await new CodecSource(silentLog).create(format, channels);
    if (!codec) throw new Error(`no codec "${format.encoding}"`);
    return new ToneParty(host, rtp, { format, codec });
  }

  private constructor(host: Host, rtp: UdpSocket, sound: { format: PayloadFormat; codec: Codec }) {
    this.#host = host;
    this.#rtp = rtp;
    this.local = rtp.local;
    this.#format = sound.format;
    this.#codec = sound.codec;
    rtp.onDatagram = (bytes) => {
      if (demultiplexMedia(bytes) === 'rtp') this.heard.push(read(host.clock.now(), bytes));
    };
  }

  /** Says a tone for so long; silence before and after is no packets at all. */
  say(leg: OpenedLeg, tone: { frequencyHz: number; durationMs: number; ptimeMs?: number }): void {
    const make = (clockRateHz: number) => remix(makeTone({ ...tone, clockRateHz }), 1, this.channels);
    this.sayPcm(leg, make, tone.ptimeMs);
  }

  get channels(): 1 | 2 {
    return this.#codec.description.soundChannels ?? 1;
  }

  /** Says what is made at the rate of the codec, interleaved where it has two channels. */
  sayPcm(leg: OpenedLeg, make: (sampleRateHz: number) => Int16Array, ptimeMs = 20): void {
    const { sampleRateHz } = this.#codec.description;
    const pcm = make(sampleRateHz);
    const frame = ((sampleRateHz * ptimeMs) / 1000) * this.channels;
    const frames = Array.from({ length: pcm.length / frame }, (_, i) =>
      pcm.slice(i * frame, (i + 1) * frame),
    );
    this.#leg = leg;
    const beat = (at: number) => {
      const next = frames.shift();
      if (!next || this.#isClosed) return;
      this.#sendPacket({ payloadType: this.#format.payloadType, payload: this.#codec.encode(next) });
      this.#timestamp += (this.#format.clockRateHz * ptimeMs) / 1000;
      this.#host.setTimer(at + ptimeMs, () => beat(at + ptimeMs));
    };
    beat(this.#host.clock.now());
  }

  /** Where its stream stands. */
  get timestamp(): number {
    return this.#timestamp;
  }

  /** Time passes in its stream. */
  skip(ticks: number): void {
    this.#timestamp += ticks;
  }

  /** Any packet, at the stream's place. */
  sendRaw(leg: OpenedLeg, payloadType: number, payload: Uint8Array): void {
    this.#leg = leg;
    this.#sendPacket({ payloadType, payload });
  }

  /** One digit of 100 ms as telephone-events, and its end three times. */
  press(leg: OpenedLeg, events: PayloadFormat, event: number): void {
    const start = this.#timestamp;
    const step = (events.clockRateHz * 20) / 1000;
    const packets = [1, 2, 3, 4, 5, 5, 5].map((count, index) => [count * step, index >= 4 ? 0x8a : 0x0a]);
    this.#leg = leg;
    const beat = (at: number) => {
      const [ticks, flags] = packets.shift() ?? [];
      if (ticks === undefined || flags === undefined || this.#isClosed) return;
      const payload = Uint8Array.of(event, flags, ticks >> 8, ticks);
      this.#sendPacket({ payloadType: events.payloadType, payload, timestamp: start });
      this.#host.setTimer(at + 20, () => beat(at + 20));
    };
    beat(this.#host.clock.now());
    this.#timestamp += (this.#format.clockRateHz * 160) / 1000;
  }

  /** What was heard in this format, decoded in order. */
  sound(format = this.#format): Int16Array {
    const frames = this.heard
      .filter(({ payloadType }) => payloadType === format.payloadType)
      .map(({ payload }) => this.#codec.decode(payload));
    return joined(frames.filter((pcm) => pcm instanceof Int16Array));
  }

  recording(): { readonly pcm: Int16Array; readonly sampleRateHz: number } {
    return { pcm: this.sound(), sampleRateHz: this.#codec.description.sampleRateHz };
  }

  /** What was heard in one channel: 0 is left. */
  channel(index: number): Int16Array {
    const { channels } = this;
    const sound = this.sound();
    return channels === 1 ? sound : sound.filter((_, i) => i % channels === index);
  }

  /** Level of one frequency in what was heard, without what surrounds it: from 300 ms on, for so long. */
  levelOf(frequencyHz: number, durationMs = 400, fromMs = 300, channel = 0): number {
    const clockRateHz = this.#codec.description.sampleRateHz;
    const from = (fromMs * clockRateHz) / 1000;
    const samples = this.channel(channel).subarray(from, from + (durationMs * clockRateHz) / 1000);
    return toneLevelDbov(samples, { frequencyHz, clockRateHz });
  }

  close(): void {
    this.#isClosed = true;
    this.#rtp.close();
    this.#codec.close();
  }

  #tell(packet: Uint8Array): Uint8Array {
    if (!this.told) return packet;
    const telling = new Uint8Array(packet.length + CLIENT_LEVEL_BYTES);
    telling.set(packet.subarray(0, RTP_HEADER_BYTES));
    telling.set(packet.subarray(RTP_HEADER_BYTES), RTP_HEADER_BYTES + CLIENT_LEVEL_BYTES);
    writeClientLevel(telling, RTP_HEADER_BYTES, this.told);
    return telling;
  }

  #sendPacket(packet: { payloadType: number; payload: Uint8Array; timestamp?: number }): void {
    const fields = {
      marker: false,
      sequenceNumber: this.#sequenceNumber,
      timestamp: this.#timestamp,
      ssrc: this.ssrc,
    };
    this.#sequenceNumber += 1;
    const port = this.#leg?.rtpPort ?? 0;
    this.#rtp.send(this.#tell(encodeRtp({ ...fields, ...packet }, packet.payload)), RELAY, port);
  }
}

function read(at: number, bytes: Uint8Array): Heard {
  return {
    at,
    payloadType: rtpPayloadType(bytes),
    sequenceNumber: rtpSequenceNumber(bytes),
    timestamp: rtpTimestamp(bytes),
    marker: rtpMarker(bytes),
    csrcs: Array.from({ length: byteAt(bytes, 0) & 0x0f }, (_, i) => uint32At(bytes, 12 + 4 * i)),
    payload: bytes.slice(rtpPayloadOffset(bytes)),
    bytes: bytes.slice(),
  };
}

function joined(parts: readonly Int16Array[]): Int16Array {
  const all = new Int16Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
