import { describe, expect, it } from 'vitest';
import {
  type Codec,
  G711Codec,
  type JitterFrame,
  pcmaDescription,
  pcmuDescription,
  ToneSource,
} from '../../../../media/index.ts';
import { MemorySink } from '../../../../softphone/audio/memory-sink.ts';
import { PLAY_MS, VoicePlayer } from '../../../../softphone/audio/voice-player.ts';
import { VoiceSender } from '../../../../softphone/audio/voice-sender.ts';
import { toneLevelDbov } from '../../../support/index.ts';

const TONE_HZ = 440;

/** A player that hears a tone, a packet every 20 ms but those that are lost, and is read as often as it wants. */
function hear(sinkRateHz: number, seconds: number, isLost: (packet: number) => boolean = () => false) {
  const player = new VoicePlayer();
  const sinks = [new MemorySink(sinkRateHz), new MemorySink(8000)];
  for (const sink of sinks) player.addListener(sink);
  player.setCodecs(new Map<number, Codec>([[0, new G711Codec(pcmuDescription)]]));
  const sender = new VoiceSender(new ToneSource(TONE_HZ, 8000));
  sender.setCodec(new G711Codec(pcmuDescription));
  for (let now = 0; now < 1000 * seconds; now += PLAY_MS) {
    const number = now / 20;
    const payload = Number.isInteger(number) ? sender.next() : undefined;
    if (payload && !isLost(number)) player.push(now, frame(number, now, payload));
    player.play(now);
  }
  return { player, heard: sinks.map(({ pcm }) => pcm) };
}

function frame(number: number, arrivedAt: number, payload: Uint8Array): JitterFrame {
  return {
    payloadType: 0,
    payload,
    timestamp: 160 * number,
    extendedSequenceNumber: number,
    ssrc: 1,
    marker: false,
    arrivedAt,
    clockRateHz: 8000,
  };
}

describe('VoicePlayer', () => {
  it('hands on exactly as much sound as time passes, to each sink at its own rate', () => {
    const { player, heard } = hear(16_000, 2);
    expect(heard.map(({ length }) => length)).toEqual([32_000, 16_000]);
    const levels = heard.map((pcm, i) =>
      toneLevelDbov(pcm.subarray(pcm.length / 2), {
        frequencyHz: TONE_HZ,
        clockRateHz: i === 0 ? 16_000 : 8000,
      }),
    );
    expect(levels.map(Math.round)).toEqual([-15, -15]);
    expect(player.meter.overall).toBeCloseTo(-15, 0);
  });

  it('plays silence before anything comes', () => {
    const { player, heard } = hear(8000, 1, () => true);
    expect(heard[0]).toEqual(new Int16Array(8000));
    expect([player.discarded, player.delayMs, player.statistics.received]).toEqual([0, null, 0]);
  });

  it('tells of what its buffer threw away, and of the delay that it adds', () => {
    const { player } = hear(8000, 2, (number) => number === 50);
    expect([player.discarded, player.statistics.lost]).toEqual([0, 1]);
    expect(player.delayMs).toBeGreaterThanOrEqual(30);
    expect(player.delayMs).toBeLessThanOrEqual(50);
    player.push(2000, frame(10, 2000, new Uint8Array(160)));
    expect(player.discarded).toBe(1);
  });
});

describe('VoiceSender', () => {
  it('goes on with its source where the codec changes', () => {
    const sender = new VoiceSender(new ToneSource(440, 8000));
    expect(sender.next()).toBeUndefined();
    sender.setCodec(new G711Codec(pcmuDescription));
    expect(sender.next()).toHaveLength(160);
    sender.setCodec(new G711Codec(pcmaDescription));
    expect(sender.next()).toHaveLength(160);
    expect(sender.meter.overall).toBeCloseTo(-15, 0);
  });

  it('makes frames as long as it is asked for', () => {
    const sender = new VoiceSender(new ToneSource(440, 8000));
    sender.setCodec(new G711Codec(pcmuDescription), 60);
    expect(sender.next()).toHaveLength(480);
    sender.setCodec(new G711Codec(pcmuDescription), 10);
    expect(sender.next()).toHaveLength(80);
  });

  it('sends silence while it is muted, and the source goes on', () => {
    const sender = new VoiceSender(new ToneSource(440, 8000));
    sender.setCodec(new G711Codec(pcmuDescription));
    sender.isMuted = true;
    expect(sender.next()?.every((code) => code === 0xff)).toBe(true);
    sender.isMuted = false;
    expect(sender.next()?.every((code) => code === 0xff)).toBe(false);
  });

  it('brings its encoder, and the next one, to what the far end’s reports advise', () => {
    const tuned: unknown[] = [];
    const codec = (name: string, usualBitrateBps?: number) =>
      Object.assign(new G711Codec(pcmuDescription), {
        ...(usualBitrateBps && { usualBitrateBps }),
        tune: (settings: unknown) => tuned.push([name, settings]),
      });
    const sender = new VoiceSender(new ToneSource(440, 8000));
    sender.setCodec(codec('full band', 40_000));
    expect(tuned).toEqual([]);
    sender.follow({ bitrateRatio: 0.5, expectedLossRatio: 0.1, redLevel: 1 });
    sender.setCodec(codec('narrow band', 12_000));
    sender.setCodec(codec('no choice'));
    expect(tuned).toEqual([
      ['full band', { bitrateBps: 20_000, expectedLossRatio: 0.1 }],
      ['narrow band', { bitrateBps: 6000, expectedLossRatio: 0.1 }],
      ['no choice', { expectedLossRatio: 0.1 }],
    ]);
  });
});
