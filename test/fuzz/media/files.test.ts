// Sound files, which a person hands in: damaged ones are refused by a sentence.
import { expect } from 'vitest';
import { DecodeError, type Random, UsageError } from '../../../core/index.ts';
import { encodeOggPage, encodeWav, type OggPage, parseWav, readOggOpus } from '../../../media/audio/index.ts';
import { parseTimeline } from '../../../media/index.ts';
import { type FuzzTarget, fuzz } from '../support/fuzz.ts';

const WAV = encodeWav({ sampleRateHz: 8000, channels: 1, pcm: new Int16Array(100).fill(1000) });

function page(pageNumber: number, changes: Partial<OggPage>): Uint8Array {
  return encodeOggPage({
    ...{ isContinued: false, isFirst: false, isLast: false, isOpen: false },
    ...{ granulePosition: 0, serialNumber: 7, pageNumber, pieces: [] },
    ...changes,
  });
}

/** RFC 7845 §5.1: version 1, one channel, a pre-skip of 312 samples, 48 kHz, no gain, family 0. */
const OPUS_HEAD = Buffer.from('OpusHead\x01\x01\x38\x01\x80\xbb\x00\x00\x00\x00\x00', 'latin1');
const OPUS_TAGS = Buffer.from('OpusTags\x00\x00\x00\x00\x00\x00\x00\x00', 'latin1');
const OGG = Buffer.concat([
  page(0, { isFirst: true, pieces: [OPUS_HEAD] }),
  page(1, { pieces: [OPUS_TAGS] }),
  page(2, { isLast: true, granulePosition: 2232, pieces: [new Uint8Array(40), new Uint8Array(300)] }),
]);

function readWav(bytes: Uint8Array): void {
  try {
    const { pcm, channels } = parseWav(bytes, 'sound.wav');
    expect(pcm.length % channels).toBe(0);
  } catch (error) {
    // What is wrong with a file is its owner's fault, and said so.
    if (!(error instanceof UsageError)) throw error;
  }
}

function readOgg(bytes: Uint8Array): void {
  for (const mayBeCut of [false, true]) readOggAs(bytes, mayBeCut);
}

function readOggAs(bytes: Uint8Array, mayBeCut: boolean): void {
  const file = readOggOpus(bytes, { mayBeCut });
  if (file instanceof DecodeError) return;
  const lengthBytes = file.packets.reduce((sum, packet) => sum + packet.length, 0);
  expect(lengthBytes).toBeLessThanOrEqual(bytes.length);
}

/** Pages with true checksums, so that what is wrong with them gets past those. */
function readPages(bytes: Uint8Array, random: Random): void {
  const isTrue = (percent: number) => random.uint32() % 100 < percent;
  const pages = [bytes, OPUS_TAGS, bytes].map((piece, i) =>
    page(isTrue(90) ? i : random.uint32(), {
      pieces: isTrue(90) ? [piece] : [piece, piece.subarray(3), new Uint8Array(0)],
      isFirst: isTrue(i === 0 ? 90 : 10),
      isLast: isTrue(i === 2 ? 90 : 10),
      isContinued: isTrue(10),
      granulePosition: isTrue(50) ? 2232 : (random.uint32() | 0) * 0x1_0000,
      serialNumber: isTrue(90) ? 7 : random.uint32(),
    }),
  );
  readOgg(Buffer.concat(pages));
}

const TIMELINE = Buffer.from(
  [
    '{"type":"start","ms":0,"version":1,"wallClock":"2026-11-27T10:00:00.000Z","format":"wav","sampleRateHz":48000,"mix":"x.wav","channels":2}',
    '{"type":"joined","ms":0,"member":1,"label":"alice","file":"x-alice.wav"}',
    '{"type":"digit","ms":80,"member":1,"digit":"5","durationMs":100}',
    '{"type":"end","ms":900}',
    '',
  ].join('\n'),
);

function readTimeline(bytes: Uint8Array): void {
  const timeline = parseTimeline(bytes);
  if (timeline instanceof DecodeError) {
    expect(timeline.toString()).toMatch(/^(?:line \d+|time line): /);
    return;
  }
  const times = timeline.events.map(({ ms }) => ms);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(timeline.start.mix).not.toMatch(/[/\\]/);
}

const TARGETS: readonly FuzzTarget[] = [
  { name: 'WAV', corpus: [WAV], fragments: ['data', 'fmt ', 'RIFF'], open: () => ({ feed: readWav }) },
  { name: 'Ogg', corpus: [OGG], fragments: ['OggS', 'OpusHead'], open: () => ({ feed: readOgg }) },
  {
    name: 'time line',
    corpus: [TIMELINE],
    fragments: ['{"type":"end","ms":', '"member":', '\n'],
    open: () => ({ feed: readTimeline }),
  },
  { name: 'Opus in Ogg', corpus: [OPUS_HEAD, OPUS_TAGS], open: () => ({ feed: readPages }) },
];

fuzz(TARGETS);
