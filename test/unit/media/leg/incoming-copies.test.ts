import { describe, expect, it } from 'vitest';
import { IncomingCopies } from '../../../../media/leg/incoming-copies.ts';
import { RedSender } from '../../../../media/red/index.ts';
import { encodeRtp, rtpPayloadType, rtpSequenceNumber, rtpTimestamp } from '../../../../media/rtp/index.ts';

const FORMATS = [
  { payloadType: 0, encoding: 'pcmu', clockRateHz: 8000, channels: 1 },
  { payloadType: 121, encoding: 'red', clockRateHz: 8000, channels: 1, formatParameters: '0/0' },
];

/** A sender of one copy a packet, and the relay's side of it: what goes on, as `[sequence number, is a copy]`. */
function createStream() {
  const red = new RedSender();
  red.level = 1;
  const copies = new IncomingCopies();
  copies.setFormats(FORMATS);
  const went: [number, boolean][] = [];
  const packets = Array.from({ length: 12 }, (_, index) => {
    const plain = new Uint8Array(160).fill(index);
    const payload = red.encode(0, plain, index * 160);
    const fields = { marker: false, sequenceNumber: index, timestamp: index * 160, ssrc: 7 };
    return encodeRtp({ ...fields, payloadType: payload ? 121 : 0 }, payload ?? plain);
  });
  const receive = (bytes: Uint8Array) =>
    copies.receive(
      0,
      bytes,
      { offset: 12, extendedSequenceNumber: 0x1_0000 + rtpSequenceNumber(bytes), clockRateHz: 8000 },
      (packet, isCopy) => {
        const index = rtpSequenceNumber(packet);
        expect([rtpPayloadType(packet), rtpTimestamp(packet)]).toEqual([0, index * 160]);
        expect(packet.subarray(12)).toEqual(new Uint8Array(160).fill(index));
        went.push([index, isCopy]);
        return 'forwarded';
      },
    );
  return { packets, receive, went };
}

describe('IncomingCopies', () => {
  it('passes on what came, plain and in order, and what was lost from its copy', () => {
    const { packets, receive, went } = createStream();
    for (const [index, packet] of packets.entries())
      if (index !== 5) expect(receive(packet)).toBe('forwarded');
    expect(went.map(([index]) => index)).toEqual(packets.map((_, index) => index));
    expect(went.filter(([, isCopy]) => isCopy)).toEqual([[5, true]]);
  });

  it('leaves a plain packet as it came, with its header extensions', () => {
    const copies = new IncomingCopies();
    copies.setFormats(FORMATS);
    const fields = { payloadType: 0, marker: false, sequenceNumber: 1, timestamp: 160, ssrc: 7 };
    const plain = encodeRtp(fields, new Uint8Array(160));
    const packet = new Uint8Array(plain.length + 8);
    packet.set(plain.subarray(0, 12));
    packet[0] = 0x90;
    // RFC 8285 §4.2, one byte of extension 1.
    packet.set([0xbe, 0xde, 0, 1, 0x10, 0x94, 0, 0], 12);
    const went: Uint8Array[] = [];
    const place = { offset: 20, extendedSequenceNumber: 0x1_0001, clockRateHz: 8000 };
    copies.receive(0, packet, place, (bytes) => {
      went.push(bytes);
      return 'forwarded';
    });
    expect(went).toEqual([packet]);
  });

  it('passes a packet once where it comes behind its copy', () => {
    const { packets, receive, went } = createStream();
    const order = [0, 1, 2, 4, 3, 5];
    const outcomes = order.map((index) => receive(packets[index] ?? new Uint8Array(0)));
    expect(outcomes).toEqual(['forwarded', 'forwarded', 'forwarded', 'forwarded', 'late', 'forwarded']);
    expect(went.map(([index]) => index)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('takes a packet of another source for none that it has found before', () => {
    const { packets, receive } = createStream();
    for (const index of [0, 1, 2, 4]) receive(packets[index] ?? new Uint8Array(0));
    const other = packets[3]?.slice() ?? new Uint8Array(0);
    other[11] = 8;
    expect(receive(other)).toBe('forwarded');
  });

  it.each([
    { name: 'blocks that overrun', payload: [0x80, 0, 3, 0xff, 0, 1], expected: 'malformed' },
    { name: 'nothing', payload: [], expected: 'malformed' },
    { name: 'a format that was not negotiated', payload: [96, 1, 2, 3], expected: 'wrong-payload-type' },
    { name: 'RED within RED', payload: [121, 0, 1, 2], expected: 'wrong-payload-type' },
  ])('drops $name', ({ payload, expected }) => {
    const { packets, receive, went } = createStream();
    receive(packets[0] ?? new Uint8Array(0));
    const fields = { payloadType: 121, marker: false, sequenceNumber: 1, timestamp: 160, ssrc: 7 };
    expect(receive(encodeRtp(fields, Uint8Array.from(payload)))).toBe(expected);
    expect(went).toHaveLength(1);
  });
});
