import { describe, expect, it } from 'vitest';
import { OutgoingCopies } from '../../../../media/leg/outgoing-copies.ts';
import { RedBlocks } from '../../../../media/red/index.ts';
import { encodeRtp, rtpMarker, rtpPayloadType } from '../../../../media/rtp/index.ts';
import { OutboundStream } from '../../../../media/stream/index.ts';

const FORMATS = [
  { payloadType: 0, encoding: 'pcmu', clockRateHz: 8000, channels: 1 },
  { payloadType: 101, encoding: 'telephone-event', clockRateHz: 8000, channels: 1 },
  { payloadType: 121, encoding: 'red', clockRateHz: 8000, channels: 1, formatParameters: '0/0' },
];

function createStream() {
  const outbound = new OutboundStream(9);
  const copies = new OutgoingCopies(outbound);
  copies.setFormats(FORMATS);
  let index = 0;
  const send = (payloadType = 0, marker = false) => {
    const fields = { payloadType, marker, sequenceNumber: index, timestamp: index * 160, ssrc: 9 };
    const packet = encodeRtp(fields, new Uint8Array(payloadType === 0 ? 160 : 4).fill(index));
    outbound.adopt(index * 20, packet, 8000);
    index += 1;
    return copies.wrap(packet);
  };
  return { outbound, send, copies };
}

const copyCountOf = (packet: Uint8Array) => {
  const blocks = new RedBlocks();
  expect(blocks.decode(packet, 12, packet.length)).toBeUndefined();
  return blocks.copyCount;
};

describe('OutgoingCopies', () => {
  it('come where they are asked for, and keep the marker', () => {
    const { send, copies } = createStream();
    for (let i = 0; i < 100; i += 1) expect(rtpPayloadType(send())).toBe(0);
    copies.level = 2;
    expect(rtpPayloadType(send())).toBe(0);
    const packet = send(0, true);
    expect([rtpPayloadType(packet), rtpMarker(packet), copyCountOf(packet)]).toEqual([121, true, 1]);
  });

  it('never reach over a digit: their age would name the wrong packet', () => {
    const { send, copies } = createStream();
    for (let i = 0; i < 100; i += 1) send();
    copies.level = 2;
    for (let i = 0; i < 3; i += 1) send();
    expect([send(101), send(), send()].map(rtpPayloadType)).toEqual([101, 0, 121]);
    expect(copyCountOf(send())).toBe(2);
  });

  it('count among the bytes that were sent', () => {
    const { outbound, send, copies } = createStream();
    let bytes = 0;
    for (let i = 0; i < 100; i += 1) bytes += send().length;
    copies.level = 2;
    for (let i = 0; i < 10; i += 1) bytes += send().length;
    expect(outbound.sentBytes).toBe(bytes);
    expect(bytes).toBeGreaterThan(110 * 172 + 8 * 160);
  });
});
