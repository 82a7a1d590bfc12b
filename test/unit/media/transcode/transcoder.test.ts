import { describe, expect, it } from 'vitest';
import {
  type EncoderSettings,
  G711Codec,
  pcmaDescription,
  pcmuDescription,
} from '../../../../media/codec/index.ts';
import type { JitterFrame } from '../../../../media/jitter/types.ts';
import { planConversion } from '../../../../media/transcode/index.ts';
import { Transcoder } from '../../../../media/transcode/transcoder.ts';
import { COMFORT_NOISE, createLeg, EVENTS, EVENTS_48000, PCMA, PCMU, packet } from './legs.ts';

/** A transcoder from PCMU to PCMA whose receiver keeps what is pushed, and gives silence. */
function createTranscoder() {
  const plan = planConversion(
    { formats: [PCMU, COMFORT_NOISE, EVENTS], ptimeMs: 20 },
    { formats: [PCMA, COMFORT_NOISE, EVENTS_48000], ptimeMs: 20 },
  );
  if (!plan) throw new Error('the parties share no sound');
  const { leg, sent, state } = createLeg();
  const pushed: JitterFrame[] = [];
  const skipped: number[] = [];
  const tuned: Partial<EncoderSettings>[] = [];
  const seen = { started: 0, closed: 0 };
  const receiver = {
    sampleRateHz: 8000,
    channels: 1,
    setCodecs: () => {},
    push: (_now: number, frame: JitterFrame) => void pushed.push({ ...frame }),
    skip: (_ssrc: number, extendedSequenceNumber: number) => void skipped.push(extendedSequenceNumber),
    read: (_now: number, durationMs: number) => new Int16Array(durationMs * 8),
  };
  const transcoder = new Transcoder({
    plan,
    to: leg,
    receiver,
    decoders: new Map([[0, new G711Codec(pcmuDescription)]]),
    encoder: Object.assign(new G711Codec(pcmaDescription), {
      tune: (settings: Partial<EncoderSettings>) => void tuned.push(settings),
    }),
    onStarted: () => {
      seen.started += 1;
    },
    onClosed: () => {
      seen.closed += 1;
    },
  });
  /** Beats as an owner would, up to this time. */
  const runTo = (end: number) => {
    for (
      let at = transcoder.nextTimeoutAt();
      at !== undefined && at <= end;
      at = transcoder.nextTimeoutAt()
    ) {
      transcoder.handleTimeout(at);
    }
  };
  return { transcoder, sent, state, pushed, skipped, seen, tuned, runTo };
}

const event = (sequenceNumber: number, timestamp = 500) =>
  packet({ payloadType: 101, sequenceNumber, timestamp, payload: Uint8Array.of(1, 0x0a, 0, 160) });

describe('Transcoder', () => {
  it('beats from the first packet on, and no longer than a second after the last', () => {
    const { transcoder, sent, seen, runTo } = createTranscoder();
    expect(transcoder.nextTimeoutAt()).toBeUndefined();
    transcoder.handlePacket(100, packet({}), 12);
    expect([transcoder.nextTimeoutAt(), seen.started]).toEqual([120, 1]);
    runTo(10_000);
    expect(transcoder.nextTimeoutAt()).toBeUndefined();
    expect(sent).toHaveLength(50);
    transcoder.handlePacket(20_000, packet({ sequenceNumber: 2, timestamp: 160 }), 12);
    expect([transcoder.nextTimeoutAt(), seen.started]).toEqual([20_020, 2]);
  });

  it('rests where sound passes as it is, for two sounds in one stream would be none; digits leave it alone', () => {
    const { transcoder } = createTranscoder();
    transcoder.handlePacket(100, packet({}), 12);
    transcoder.handlePlain(EVENTS.payloadType);
    expect(transcoder.nextTimeoutAt()).toBe(120);
    transcoder.handlePlain(PCMA.payloadType);
    expect(transcoder.nextTimeoutAt()).toBeUndefined();
  });

  it('does not catch up with a stall: its time passes in the stream', () => {
    const { transcoder, sent } = createTranscoder();
    transcoder.handlePacket(0, packet({}), 12);
    transcoder.handleTimeout(20);
    transcoder.handleTimeout(840);
    expect(transcoder.nextTimeoutAt()).toBeGreaterThanOrEqual(840);
    transcoder.handleTimeout(860);
    const [, stalled, next] = sent;
    expect((next?.timestamp ?? 0) - (stalled?.timestamp ?? 0)).toBe(800 * 8);
  });

  it('counts numbers over wraps, changes of source and packets that overtook others', () => {
    const { transcoder, pushed } = createTranscoder();
    for (const sequenceNumber of [65_534, 0, 65_535, 1])
      transcoder.handlePacket(0, packet({ sequenceNumber }), 12);
    transcoder.handlePacket(0, packet({ sequenceNumber: 7, ssrc: 8 }), 12);
    const [first = 0] = pushed.map(({ extendedSequenceNumber }) => extendedSequenceNumber);
    expect(pushed.map(({ extendedSequenceNumber }) => extendedSequenceNumber - first)).toEqual([
      0,
      2,
      1,
      3,
      7 + 0x1_0000 - first,
    ]);
    expect(pushed.every(({ extendedSequenceNumber }) => extendedSequenceNumber > 0)).toBe(true);
  });

  it('tells the receiver which numbers are digits, and no loss', () => {
    const { transcoder, pushed, skipped } = createTranscoder();
    transcoder.handlePacket(0, packet({ sequenceNumber: 10 }), 12);
    for (const sequenceNumber of [11, 12, 13]) transcoder.handlePacket(20, event(sequenceNumber), 12);
    transcoder.handlePacket(80, packet({ sequenceNumber: 14, timestamp: 640 }), 12);
    const numbers = pushed.map(({ extendedSequenceNumber }) => extendedSequenceNumber & 0xffff);
    expect(numbers).toEqual([10, 14]);
    expect(skipped.map((number) => number & 0xffff)).toEqual([11, 12, 13]);
  });

  it('tells the receiver of copies, which say nothing of the delay', () => {
    const { transcoder, pushed } = createTranscoder();
    transcoder.handlePacket(0, packet({ sequenceNumber: 1 }), 12);
    transcoder.handlePacket(40, packet({ sequenceNumber: 2, timestamp: 160 }), 12, true);
    expect(pushed.map(({ isRedundant }) => isRedundant)).toEqual([false, true]);
  });

  it('takes comfort noise for sound, though the peer would take it as it is', () => {
    const { transcoder, pushed, skipped } = createTranscoder();
    transcoder.handlePacket(0, packet({ payloadType: 13, payload: Uint8Array.of(60) }), 12);
    expect(pushed).toMatchObject([{ payloadType: 13, clockRateHz: 8000 }]);
    expect([skipped, transcoder.nextTimeoutAt()]).toEqual([[], 20]);
  });

  it('withholds sound while a digit goes out, and goes on at its place', () => {
    const { transcoder, sent, runTo } = createTranscoder();
    transcoder.handlePacket(0, packet({}), 12);
    runTo(100);
    transcoder.handlePacket(110, event(2), 12);
    transcoder.handlePacket(130, event(3), 12);
    transcoder.handlePacket(130, packet({ sequenceNumber: 4 }), 12);
    runTo(240);
    const kinds = sent.map(({ payloadType }) => payloadType);
    expect(kinds).toEqual([8, 8, 8, 8, 8, 110, 110, 8, 8, 8]);
    const [first = { timestamp: 0 }] = sent;
    const stamps = sent.map(({ timestamp }) => timestamp - first.timestamp);
    expect(stamps.slice(4)).toEqual([640, 800, 800, 1440, 1600, 1760]);
    expect(sent.map(({ sequenceNumber }) => sequenceNumber)).toEqual(kinds.map((_, index) => index));
  });

  it('tunes its encoder when the reports of the party ask for something else, and only then', () => {
    const { transcoder, state, tuned, runTo } = createTranscoder();
    transcoder.handlePacket(0, packet({}), 12);
    runTo(100);
    state.advice = { bitrateRatio: 0.5, expectedLossRatio: 0.1, redLevel: 1 };
    runTo(200);
    expect(tuned.map(({ expectedLossRatio }) => expectedLossRatio)).toEqual([0, 0.1]);
  });

  it('is silent while something else plays', () => {
    const { transcoder, sent, state, runTo } = createTranscoder();
    transcoder.handlePacket(0, packet({}), 12);
    state.isPlaying = true;
    runTo(200);
    expect(sent).toEqual([]);
  });

  it('stops and tells when it is closed', () => {
    const { transcoder, seen } = createTranscoder();
    transcoder.handlePacket(0, packet({}), 12);
    transcoder.close();
    expect([transcoder.nextTimeoutAt(), seen.closed]).toEqual([undefined, 1]);
  });
});
