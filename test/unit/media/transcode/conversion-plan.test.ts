import { describe, expect, it } from 'vitest';
import type { PayloadFormat } from '../../../../media/engine/types.ts';
import { frameMsFor, planConversion } from '../../../../media/transcode/index.ts';

const format = (payloadType: number, encoding: string, clockRateHz = 8000, channels = 1): PayloadFormat => ({
  payloadType,
  encoding,
  clockRateHz,
  channels,
});
const PCMU = format(0, 'pcmu');
const PCMA = format(8, 'pcma');
const OPUS = format(111, 'opus', 48_000, 2);
const EVENTS_8000 = format(101, 'telephone-event');
const EVENTS_48000 = format(110, 'telephone-event', 48_000);
const COMFORT_NOISE = format(13, 'cn');
const shape = (formats: readonly PayloadFormat[], ptimeMs = 20) => ({ formats, ptimeMs });

describe('planConversion()', () => {
  it.each([
    {
      name: 'the same formats',
      from: shape([OPUS, PCMU, EVENTS_8000]),
      to: shape([OPUS, PCMU, EVENTS_8000]),
    },
    { name: 'the same formats in another order', from: shape([OPUS, PCMU]), to: shape([PCMU, OPUS]) },
    {
      name: 'the same format under another number',
      from: shape([OPUS]),
      to: shape([{ ...OPUS, payloadType: 96 }]),
    },
    { name: 'opus in packets of another length', from: shape([OPUS], 20), to: shape([OPUS], 60) },
    { name: 'formats without a codec here', from: shape([format(18, 'g729')]), to: shape([PCMU]) },
    { name: 'a peer whose format has no codec here', from: shape([PCMU]), to: shape([format(18, 'g729')]) },
    { name: 'a peer without sound', from: shape([PCMU]), to: shape([EVENTS_8000]) },
  ])('leaves alone $name', ({ from, to }) => {
    expect(planConversion(from, to)).toBeUndefined();
  });

  it.each([
    {
      name: 'transcodes comfort noise with its sound, though the peer takes it',
      from: shape([PCMU, COMFORT_NOISE]),
      to: shape([PCMA, COMFORT_NOISE]),
      expected: { kind: 'transcode', from: [PCMU, COMFORT_NOISE], to: PCMA, isExceptional: false },
    },
    {
      name: 'transcodes sound that the peer does not take, and places the digits in it',
      from: shape([OPUS, EVENTS_48000]),
      to: shape([PCMU, EVENTS_8000]),
      expected: {
        kind: 'transcode',
        from: [OPUS, EVENTS_48000],
        to: PCMU,
        toEvents: EVENTS_8000,
        isExceptional: false,
      },
    },
    {
      name: 'transcodes only if need be where the parties share another format',
      from: shape([OPUS, PCMU]),
      to: shape([PCMU]),
      expected: { kind: 'transcode', from: [OPUS], to: PCMU, toEvents: undefined, isExceptional: true },
    },
    {
      name: 'cuts anew what both know, in packets of another length',
      from: shape([PCMA, PCMU, EVENTS_8000], 20),
      to: shape([PCMU, PCMA], 30),
      expected: { kind: 'repacketize', from: [PCMA, EVENTS_8000], to: PCMA, ptimeMs: 30 },
    },
    {
      name: 'converts digits alone where the sound passes',
      from: shape([OPUS, EVENTS_8000]),
      to: shape([OPUS, EVENTS_48000]),
      expected: { kind: 'events', from: [EVENTS_8000], toEvents: EVENTS_48000 },
    },
    {
      name: 'takes the digits of the clock of the sound before others (RFC 4733 §2.1)',
      from: shape([OPUS]),
      to: shape([PCMU, EVENTS_48000, EVENTS_8000]),
      expected: { kind: 'transcode', toEvents: EVENTS_8000 },
    },
  ])('$name', ({ from, to, expected }) => {
    expect(planConversion(from, to)).toMatchObject(expected);
  });

  it('does not cut what has less than a tick in a packet, whatever SDP claims', () => {
    const slow = { payloadType: 96, encoding: 'l16', clockRateHz: 1, channels: 1 };
    expect(planConversion(shape([slow], 20), shape([slow], 10))).toBeUndefined();
  });

  it('has the same key for the same work, and another for another', () => {
    const key = (ptimeMs: number, to = PCMU) => planConversion(shape([OPUS]), shape([to], ptimeMs))?.key;
    expect(key(20)).toBe(key(20));
    expect(new Set([key(20), key(30), key(20, PCMA)]).size).toBe(3);
  });
});

describe('frameMsFor()', () => {
  it.each([
    { encoding: 'pcmu', ptimeMs: 30, expected: 30 },
    { encoding: 'pcmu', ptimeMs: 5, expected: 10 },
    { encoding: 'pcmu', ptimeMs: 200, expected: 60 },
    { encoding: 'pcmu', ptimeMs: 0, expected: 20 },
    { encoding: 'pcmu', ptimeMs: Number.NaN, expected: 20 },
    { encoding: 'opus', ptimeMs: 60, expected: 60 },
    { encoding: 'opus', ptimeMs: 30, expected: 20 },
  ])('makes of $ptimeMs ms of $encoding $expected', ({ encoding, ptimeMs, expected }) => {
    expect(frameMsFor(format(0, encoding), ptimeMs)).toBe(expected);
  });
});
