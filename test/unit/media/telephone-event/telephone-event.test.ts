import { describe, expect, it } from 'vitest';
import {
  DIGITS,
  TelephoneEventReceiver,
  TelephoneEventSender,
} from '../../../../media/telephone-event/index.ts';

const STEP = 160;
const DURATION = 800;

interface Arrival {
  readonly payload: Uint8Array;
  readonly timestamp: number;
}

/** All packets of the digits, each digit at a timestamp of its own. */
function play(digits: string): Arrival[] {
  const sender = new TelephoneEventSender(STEP, DURATION);
  sender.push(digits);
  const packets: Arrival[] = [];
  let timestamp = 0;
  for (let packet = sender.next(); packet; packet = sender.next()) {
    if (packet.marker) timestamp += 10_000;
    packets.push({ payload: packet.payload, timestamp });
  }
  return packets;
}

function heard(packets: readonly Arrival[]): string {
  const receiver = new TelephoneEventReceiver();
  return packets
    .map((packet) => receiver.receive(packet.payload, packet.timestamp, 8000)?.digit ?? '')
    .join('');
}

const isEnd = ({ payload }: Arrival) => ((payload[1] ?? 0) & 0x80) !== 0;

describe('TelephoneEventSender', () => {
  it('sends updates that grow and the end three times, under one timestamp and one marker (RFC 4733 §2.5.1)', () => {
    const sender = new TelephoneEventSender(STEP, DURATION);
    expect(sender.push('5')).toBe(1);
    const packets = Array.from({ length: 7 }, () => sender.next());
    expect(packets.map((packet) => packet && [...packet.payload])).toEqual([
      [5, 10, 0, 160],
      [5, 10, 1, 64],
      [5, 10, 1, 224],
      [5, 10, 2, 128],
      [5, 0x8a, 3, 32],
      [5, 0x8a, 3, 32],
      [5, 0x8a, 3, 32],
    ]);
    expect(packets.map((packet) => packet?.marker)).toEqual([true, ...Array(6).fill(false)]);
    expect(packets.map((packet) => packet?.isLast)).toEqual([...Array(6).fill(false), true]);
    expect(sender.next()).toBeUndefined();
    expect(sender.pending).toBe(0);
  });

  it('takes digits in lower case, and nothing that is none', () => {
    expect(new TelephoneEventSender(STEP, DURATION).push('a1x #')).toBe(3);
  });
});

describe('TelephoneEventReceiver', () => {
  it('hears every digit once (RFC 4733 §3.2)', () => {
    expect(heard(play(DIGITS))).toBe(DIGITS);
  });

  it('hears the same digit twice where it was pressed twice', () => {
    expect(heard(play('55'))).toBe('55');
  });

  it.each([
    { name: 'every update', lost: (packet: Arrival) => !isEnd(packet) },
    { name: 'the first end', lost: (_: Arrival, index: number) => index % 7 === 4 },
    { name: 'the first two ends', lost: (_: Arrival, index: number) => index % 7 === 4 || index % 7 === 5 },
    { name: 'the last two ends', lost: (_: Arrival, index: number) => index % 7 >= 5 },
  ])('hears each digit once where $name are lost', ({ lost }) => {
    expect(heard(play('0815').filter((packet, index) => !lost(packet, index)))).toBe('0815');
  });

  it('hears nothing of a digit whose ends are all lost, and the next one well', () => {
    const packets = play('12').filter((packet) => packet.payload[0] !== 1 || !isEnd(packet));
    expect(heard(packets)).toBe('2');
  });

  it('hears each digit once where a repeated end comes after the next digit has begun, or ended', () => {
    const [one, two] = [play('12').slice(0, 7), play('12').slice(7)];
    const late = one.at(-1) as Arrival; // Seven packets a digit.
    expect(heard([...one.slice(0, 6), ...two.slice(0, 1), late, ...two.slice(1)])).toBe('12');
    expect(heard([...one.slice(0, 6), ...two, late])).toBe('12');
  });

  it('hears each digit once where every packet comes twice', () => {
    expect(heard(play('*43').flatMap((packet) => [packet, packet]))).toBe('*43');
  });

  it('hears a digit at a timestamp of 0, and one at its wrap', () => {
    const end = Uint8Array.of(7, 0x8a, 3, 32);
    expect(
      heard([
        { payload: end, timestamp: 0xffff_ffff },
        { payload: end, timestamp: 0 },
      ]),
    ).toBe('77');
  });

  it.each([
    { clockRateHz: 8000, expected: 100 },
    { clockRateHz: 48_000, expected: 800 / 48 },
  ])('tells the duration in milliseconds at $clockRateHz Hz', ({ clockRateHz, expected }) => {
    const digit = new TelephoneEventReceiver().receive(Uint8Array.of(1, 0x8a, 3, 32), 9, clockRateHz);
    expect(digit?.durationMs).toBeCloseTo(expected, 9);
  });

  it.each([
    { name: 'a payload that is cut', payload: [1, 0x80, 3] },
    { name: 'no payload', payload: [] },
    { name: 'an event that is no digit (flash)', payload: [16, 0x80, 3, 32] },
    { name: 'an unknown event', payload: [255, 0x80, 3, 32] },
  ])('hears nothing in $name', ({ payload }) => {
    expect(new TelephoneEventReceiver().receive(Uint8Array.from(payload), 9, 8000)).toBeUndefined();
  });
});
