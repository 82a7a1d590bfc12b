import { describe, expect, it } from 'vitest';
import type { RemoteMedia } from '../../../../media/engine/types.ts';
import {
  CLIENT_LEVEL_URI,
  clientLevel,
  MIXER_LEVEL_URI,
  mixerLevelBytes,
  rtpPayloadOffset,
  writeMixerLevels,
  writeRtpHeader,
  writeUint32,
} from '../../../../media/rtp/index.ts';
import { agreed, at, FROM_PARTY, frames, rtpOf, STEP, THEIRS } from './sessions.ts';

const EXTENSIONS: NonNullable<RemoteMedia['extensions']> = [
  { id: 4, uri: CLIENT_LEVEL_URI, direction: 'sendonly' },
  { id: 9, uri: MIXER_LEVEL_URI, direction: 'recvonly' },
];
const LEVEL = { levelDbov: -25.4, isVoice: true };

/** What a mixer sends: who is heard, and how loud. */
function mixed(sequenceNumber: number, heard: readonly (readonly [number, number])[], id = 9): Uint8Array {
  const offset = 12 + 4 * heard.length;
  const bytes = new Uint8Array(offset + mixerLevelBytes(heard.length) + 1);
  const timestamp = 160 * sequenceNumber;
  writeRtpHeader(bytes, { payloadType: 0, marker: false, sequenceNumber, timestamp, ssrc: THEIRS });
  bytes[0] = 0x80 | heard.length;
  heard.forEach(([ssrc], i) => {
    writeUint32(bytes, 12 + 4 * i, ssrc);
  });
  writeMixerLevels(bytes, offset, { id, levelsDbov: heard.map(([, level]) => level) });
  return bytes;
}

describe('RtpSession: the level of what is sent (RFC 6464)', () => {
  it('is in every packet of sound, in front of its payload, where it was agreed on', () => {
    const session = agreed({ extensions: EXTENSIONS });
    session.sendFrame(0, Uint8Array.of(1, 2, 3), { ...STEP, level: LEVEL });
    session.sendFrame(20, Uint8Array.of(4, 5, 6), { ...STEP, level: { levelDbov: -90, isVoice: false } });
    const packets = rtpOf(session.takeDatagrams()).map(({ bytes }) => bytes);
    expect(packets.map((bytes) => clientLevel(bytes, 4))).toEqual([0x80 | 25, 90]);
    expect(packets.map((bytes) => [...bytes.subarray(rtpPayloadOffset(bytes))])).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });

  it.each([
    { name: 'was not agreed on', extensions: undefined, level: LEVEL },
    {
      name: 'is only read',
      extensions: [{ id: 4, uri: CLIENT_LEVEL_URI, direction: 'recvonly' }],
      level: LEVEL,
    },
    { name: 'is not known', extensions: EXTENSIONS, level: undefined },
  ] as const)('is left out where it $name', ({ extensions, level }) => {
    const session = agreed(extensions ? { extensions } : {});
    session.sendFrame(0, Uint8Array.of(1), { ...STEP, level });
    expect(rtpOf(session.takeDatagrams())[0]?.bytes).toHaveLength(13);
  });

  it('ends where a new agreement is without it', () => {
    const session = agreed({ extensions: EXTENSIONS });
    session.setRemote(10, at('192.0.2.1'));
    session.sendFrame(20, Uint8Array.of(1), { ...STEP, level: LEVEL });
    expect(rtpOf(session.takeDatagrams())[0]?.bytes).toHaveLength(13);
  });

  it('stands beside no digit', () => {
    const session = agreed({ extensions: EXTENSIONS });
    session.sendDigits('5');
    session.sendFrame(0, Uint8Array.of(1), { ...STEP, level: LEVEL });
    expect(clientLevel(rtpOf(session.takeDatagrams())[0]?.bytes ?? new Uint8Array(12), 4)).toBe(-1);
  });
});

describe('RtpSession: who is heard (RFC 3550 §7.1, RFC 6465)', () => {
  const told = (session: ReturnType<typeof agreed>) =>
    session.takeEvents().flatMap((event) => (event.type === 'speakers' ? [event.speakers] : []));

  it('is told when it changes, and its levels are those of the last packet', () => {
    const session = agreed({ extensions: EXTENSIONS });
    session.handleDatagram(0, mixed(1, [[5, -20]]), FROM_PARTY);
    session.handleDatagram(20, mixed(2, [[5, -30]]), FROM_PARTY);
    expect(told(session)).toEqual([[{ ssrc: 5, levelDbov: -20 }]]);
    expect(session.speakers).toEqual([{ ssrc: 5, levelDbov: -30 }]);
    session.handleDatagram(
      40,
      mixed(3, [
        [5, -20],
        [0xffff_ffff, -127],
      ]),
      FROM_PARTY,
    );
    session.handleDatagram(60, mixed(4, []), FROM_PARTY);
    expect(told(session)).toEqual([
      [
        { ssrc: 5, levelDbov: -20 },
        { ssrc: 0xffff_ffff, levelDbov: -127 },
      ],
      [],
    ]);
  });

  it('is told when one is heard in the place of another', () => {
    const session = agreed();
    session.handleDatagram(0, mixed(1, [[5, -20]]), FROM_PARTY);
    session.handleDatagram(20, mixed(2, [[6, -20]]), FROM_PARTY);
    expect(told(session).map(([speaker]) => speaker?.ssrc)).toEqual([5, 6]);
  });

  it('is known without levels where those were not agreed on', () => {
    const session = agreed();
    session.handleDatagram(0, mixed(1, [[5, -20]]), FROM_PARTY);
    expect(session.speakers).toEqual([{ ssrc: 5, levelDbov: null }]);
    const events = session.takeEvents();
    expect(frames(events)).toHaveLength(1);
    expect(frames(events)[0]?.payload).toHaveLength(1);
  });

  it('costs nobody anything who is no mixer', () => {
    const session = agreed({ extensions: EXTENSIONS });
    session.handleDatagram(0, mixed(1, []), FROM_PARTY);
    expect(told(session)).toEqual([]);
    expect(session.speakers).toEqual([]);
  });
});
