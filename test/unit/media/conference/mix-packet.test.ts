// A packet of a mix says who is heard, and how loud.
import { describe, expect, it } from 'vitest';
import { MixPacket } from '../../../../media/conference/mix-packet.ts';
import { readMixerLevels, rtpPayloadOffset, uint32At } from '../../../../media/rtp/index.ts';

const PAYLOAD = Uint8Array.of(1, 2, 3);

describe('MixPacket', () => {
  it('lists sources (RFC 3550 §7.1), and puts the payload behind them', () => {
    const packet = new MixPacket().build(PAYLOAD, {
      csrcs: [7, 0xffff_fffe],
      levelsDbov: [-20, -30],
      levelId: 0,
    });
    expect([uint32At(packet, 12), uint32At(packet, 16)]).toEqual([7, 0xffff_fffe]);
    expect([...packet.subarray(rtpPayloadOffset(packet))]).toEqual([1, 2, 3]);
  });

  it('lists fifteen of more: the count has four bits', () => {
    const csrcs = Array.from({ length: 20 }, (_, i) => i);
    const packet = new MixPacket().build(PAYLOAD, { csrcs, levelsDbov: csrcs.map((i) => -i), levelId: 3 });
    expect((packet[0] ?? 0) & 0x0f).toBe(15);
    expect(readMixerLevels(packet, 3, new Int8Array(20))).toBe(15);
    expect([...packet.subarray(rtpPayloadOffset(packet))]).toEqual([1, 2, 3]);
  });

  it('tells levels in the order of the sources (RFC 6465), to those who know them', () => {
    const sources = { csrcs: [7, 8], levelsDbov: [-20.4, -127], levelId: 5 };
    const packet = new MixPacket().build(PAYLOAD, sources);
    const levels = new Int8Array(2);
    expect(readMixerLevels(packet, 5, levels)).toBe(2);
    expect([...levels]).toEqual([-20, -127]);
    const silent = new MixPacket().build(PAYLOAD, { ...sources, csrcs: [], levelsDbov: [] });
    expect(silent.length).toBe(12 + 3);
  });
});
