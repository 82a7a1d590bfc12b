import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../../core/index.ts';
import { decodeOggPage, encodeOggPage, type OggPage, readOggOpus } from '../../../media/audio/index.ts';
import {
  ComfortNoiseGenerator,
  decodeComfortNoise,
  describeL16,
  encodeComfortNoise,
  G711Codec,
  G722Codec,
  L16Codec,
  pcmaDescription,
} from '../../../media/codec/index.ts';
import { DtmfDetector, TelephoneEventReceiver } from '../../../media/telephone-event/index.ts';

// Five properties share the time.
const limitMs = (Number(process.env.PATCHCORD_FUZZ_SECONDS ?? 10) * 1000) / 5;
const parameters = { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: limitMs };

/** A lost packet is undefined. */
const stream = fc.array(fc.option(fc.uint8Array({ maxLength: 500 }), { nil: undefined }), { maxLength: 12 });
const codecs = [
  { make: () => new G711Codec(pcmaDescription), samplesOf: (bytes: number) => bytes },
  { make: () => new G722Codec(), samplesOf: (bytes: number) => 2 * bytes },
  { make: () => new L16Codec(describeL16(48_000, 2)), samplesOf: (bytes: number) => bytes / 2 },
];

const page = (pieces: readonly Uint8Array[], changes: Partial<OggPage>): Uint8Array =>
  encodeOggPage({
    isContinued: false,
    isFirst: false,
    isLast: false,
    granulePosition: 0,
    serialNumber: 1,
    pageNumber: 0,
    isOpen: false,
    ...changes,
    pieces,
  });
const bytesOf = (text: string) => [...text].map((character) => character.charCodeAt(0));
const opusHead = Uint8Array.of(...bytesOf('OpusHead'), 1, 1, 56, 1, 64, 31, 0, 0, 0, 0, 0);

describe('hostile sound', () => {
  it('a codec makes as many samples as the payload has, and conceals as many as are asked for', () => {
    fc.assert(
      fc.property(fc.constantFrom(...codecs), stream, ({ make, samplesOf }, payloads) => {
        const codec = make();
        for (const payload of payloads) {
          const pcm = payload ? codec.decode(payload) : codec.conceal(160);
          const channels = codec.description.soundChannels ?? 1;
          if (!(pcm instanceof DecodeError))
            expect(pcm).toHaveLength(payload ? samplesOf(payload.length) : 160 * channels);
        }
      }),
      parameters,
    );
  });

  it('comfort noise is an error, or is played', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 }), (payloads) => {
        const generator = new ComfortNoiseGenerator();
        for (const payload of payloads) {
          const noise = decodeComfortNoise(payload);
          if (noise instanceof DecodeError) continue;
          expect(encodeComfortNoise(noise)).toEqual(payload.subarray(0, 25));
          generator.update(noise);
          expect(generator.generate(200)).toHaveLength(200);
        }
      }),
      parameters,
    );
  });

  it('telephone-events are told once a timestamp at most, in a bounded receiver', () => {
    const payload = fc.oneof(
      fc.tuple(fc.nat(15), fc.nat(255), fc.nat(255), fc.nat(255)),
      fc.array(fc.nat(255), { maxLength: 6 }),
    );
    const packets = fc.array(fc.tuple(payload, fc.oneof(fc.nat(2000), fc.nat(0xffff_ffff))), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(packets, (arrivals) => {
        const receiver = new TelephoneEventReceiver();
        let told = 0;
        for (const [i, [bytes, timestamp]] of arrivals.entries()) {
          const arrival = { timestamp, clockRateHz: 8000 };
          const digit = receiver.receive(20 * i, Uint8Array.from(bytes), arrival);
          told += digit ? 1 : 0;
          if (digit) expect(digit.digit).toMatch(/^[0-9A-D*#]$/);
        }
        for (let i = 0; i < 2; i += 1) told += receiver.expire(100_000) ? 1 : 0;
        expect(receiver.isOpen).toBe(false);
        expect(told).toBeLessThanOrEqual(new Set(arrivals.map(([, timestamp]) => timestamp)).size);
      }),
      parameters,
    );
  });

  it('a file is an error, or packets; its pages are what was written', () => {
    const sound = fc.array(fc.uint8Array({ maxLength: 700 }), { maxLength: 6 });
    const cuts = fc.option(fc.nat(3000), { nil: undefined });
    const flips = fc.array(fc.tuple(fc.nat(3000), fc.nat(255)), { maxLength: 3 });
    fc.assert(
      fc.property(
        sound,
        cuts,
        flips,
        fc.record({ isOpen: fc.boolean(), isLast: fc.boolean() }),
        (pieces, cut, changes, flags) => {
          const parts = [
            page([opusHead], { isFirst: true }),
            page([Uint8Array.from(bytesOf('OpusTags'))], { pageNumber: 1 }),
            page(pieces, { pageNumber: 2, ...(flags.isOpen ? {} : { isLast: flags.isLast }) }),
          ];
          const file = Uint8Array.from(parts.flatMap((part) => [...part])).slice(0, cut);
          for (const [offset, value] of changes) if (offset < file.length) file[offset] = value;
          const read = readOggOpus(file);
          if (read instanceof DecodeError) expect(read.reason).not.toBe('');
          else expect(read.packets.every((packet) => packet.length > 0)).toBe(true);
          decodeOggPage(file, Math.min(file.length, changes[0]?.[0] ?? 0));
        },
      ),
      parameters,
    );
  });

  it('the DTMF detector takes any samples in frames of any length', () => {
    fc.assert(
      fc.property(fc.array(fc.int16Array({ maxLength: 700 }), { maxLength: 6 }), (frames) => {
        const detector = new DtmfDetector((digit, durationMs) => {
          expect(digit).toMatch(/^[0-9A-D*#]$/);
          expect(durationMs).toBeGreaterThan(20);
        });
        for (const frame of frames) detector.handleSound(frame);
      }),
      parameters,
    );
  });
});
