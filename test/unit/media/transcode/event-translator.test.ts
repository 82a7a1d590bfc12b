import { describe, expect, it } from 'vitest';
import { EventTranslator } from '../../../../media/transcode/event-translator.ts';
import { EVENTS, EVENTS_48000, PCMU, packet } from './legs.ts';

const event = (timestamp: number, ticks: number, flags = 0x0a, payloadType = EVENTS.payloadType) =>
  packet({ payloadType, timestamp, payload: Uint8Array.of(5, flags, ticks >> 8, ticks) });

describe('EventTranslator', () => {
  it.each([
    { name: 'the same clock', from: EVENTS, to: EVENTS, ticks: 800, expected: 800 },
    { name: 'a faster clock', from: EVENTS, to: EVENTS_48000, ticks: 800, expected: 4800 },
    { name: 'a slower clock', from: EVENTS_48000, to: EVENTS, ticks: 4800, expected: 800 },
    { name: 'more than 16 bits hold', from: EVENTS, to: EVENTS_48000, ticks: 60_000, expected: 0xffff },
  ])('converts a duration to $name', ({ from, to, ticks, expected }) => {
    const translator = new EventTranslator([from], to);
    const translated = translator.translate(event(1, ticks, 0x8a, from.payloadType), 12, 4000);
    expect(translated).toMatchObject({ payloadType: to.payloadType, timestamp: 4000, marker: true });
    expect([...(translated?.payload ?? [])]).toEqual([5, 0x8a, expected >> 8, expected & 0xff]);
  });

  it('keeps the timestamp of the beginning over an event, also for an end that comes again behind the next', () => {
    const translator = new EventTranslator([EVENTS], EVENTS_48000);
    const steps = [
      { from: 1000, at: 50, expected: 50, marker: true },
      { from: 1000, at: 60, expected: 50, marker: false },
      { from: 2000, at: 90, expected: 90, marker: true },
      { from: 1000, at: 95, expected: 50, marker: false },
      { from: 2000, at: 99, expected: 90, marker: false },
      // The clock of the sender may wrap.
      { from: 0xffff_ffff, at: 120, expected: 120, marker: true },
      { from: 0, at: 130, expected: 130, marker: true },
    ];
    for (const { from, at, expected, marker } of steps) {
      expect(translator.translate(event(from, 160), 12, at)).toMatchObject({ timestamp: expected, marker });
    }
  });

  it.each([
    { name: 'sound', bytes: event(1, 160, 0x0a, PCMU.payloadType) },
    { name: 'another payload type', bytes: event(1, 160, 0x0a, 96) },
    { name: 'three bytes', bytes: packet({ payloadType: 101, payload: Uint8Array.of(1, 2, 3) }) },
    { name: 'nothing', bytes: packet({ payloadType: 101, payload: new Uint8Array(0) }) },
  ])('makes no event of $name', ({ bytes }) => {
    expect(new EventTranslator([PCMU, EVENTS], EVENTS).translate(bytes, 12, 0)).toBeUndefined();
  });
});
