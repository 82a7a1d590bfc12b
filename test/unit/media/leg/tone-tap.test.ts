import { describe, expect, it } from 'vitest';
import { G711Codec, pcmuDescription } from '../../../../media/codec/index.ts';
import { ToneTap } from '../../../../media/leg/index.ts';
import { encodeRtp } from '../../../../media/rtp/index.ts';
import { DtmfTones } from '../../../../media/telephone-event/index.ts';

/** The packets of these digits in PCMU, and a tap that hears them. */
function createTap(digits: string) {
  const heard: string[] = [];
  const decoders = new Map([[0, new G711Codec(pcmuDescription)]]);
  const tap = new ToneTap({ decoders, onDigit: (digit) => heard.push(digit) });
  const tones = new DtmfTones(8000);
  tones.push(digits);
  const codec = new G711Codec(pcmuDescription);
  const packets: Uint8Array[] = [];
  for (let index = 0; index < 5 || !tones.isEnded; index += 1) {
    const pcm = new Int16Array(160);
    tones.read(pcm);
    // The clock wraps within the digits.
    const fields = {
      marker: false,
      sequenceNumber: index,
      timestamp: (0xffff_ff00 + index * 160) >>> 0,
      ssrc: 7,
    };
    packets.push(encodeRtp({ ...fields, payloadType: 0 }, codec.encode(pcm)));
  }
  return { tap, packets, heard };
}

describe('ToneTap', () => {
  it('hears each digit once, also over packets that come twice or behind others', () => {
    const { tap, packets, heard } = createTap('1590');
    for (const [index, packet] of packets.entries()) {
      tap.handlePacket(packet, 12);
      tap.handlePacket(packets[Math.max(0, index - 3)] ?? packet, 12);
    }
    expect(heard.join('')).toBe('1590');
  });

  it('hears one digit where a packet of it is lost', () => {
    const { tap, packets, heard } = createTap('5');
    for (const [index, packet] of packets.entries()) if (index !== 2) tap.handlePacket(packet, 12);
    expect(heard).toEqual(['5']);
  });

  it('hears nothing in packets that it cannot decode', () => {
    const { tap, packets, heard } = createTap('5');
    for (const packet of packets) {
      packet[1] = 8;
      tap.handlePacket(packet, 12);
    }
    expect(heard).toEqual([]);
  });
});
