import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../../../core/index.ts';
import {
  formatRoomCommand,
  formatRoomReply,
  parseRoomCommand,
  parseRoomReply,
  ROOM_COMMAND_TYPE,
  type RoomCommand,
  type RoomReply,
} from '../../../../signaling/room-commands/index.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const info = (text: string) => ({ method: 'INFO', contentType: ROOM_COMMAND_TYPE, body: bytes(text) });

describe('parseRoomCommand()', () => {
  it.each<RoomCommand>([
    { command: 'roster' },
    { command: 'mute', member: 'all' },
    { command: 'kick', member: 'bob' },
    { command: 'position', x: 1.5, y: -2, facingDegrees: 90 },
    { command: 'record', isOn: true },
  ])('reads what formatRoomCommand() writes: $command', (command) => {
    expect(parseRoomCommand(info(formatRoomCommand(command)))).toEqual(command);
  });

  it.each([
    { name: 'no JSON', text: '{' },
    { name: 'no object', text: '[1,2]' },
    { name: 'an unknown command', text: '{"command":"dance"}' },
    { name: 'a command without its member', text: '{"command":"mute"}' },
    { name: 'a name that it does not know', text: '{"command":"lock","__proto__x":1}' },
    { name: 'a position that is no number', text: '{"command":"position","x":"1","y":0}' },
    { name: 'a position beyond every room', text: '{"command":"position","x":1e300,"y":0}' },
    { name: 'a name without end', text: JSON.stringify({ command: 'kick', member: 'x'.repeat(65) }) },
    { name: 'a body without end', text: `{"command":"roster"${' '.repeat(2000)}}` },
    { name: 'brackets without end', text: '['.repeat(1000) },
  ])('refuses $name', ({ text }) => {
    expect(parseRoomCommand(info(text))).toBeInstanceOf(DecodeError);
  });

  it('refuses what is no UTF-8', () => {
    const body = new Uint8Array([0xff, 0xfe]);
    expect(parseRoomCommand({ ...info(''), body })).toBeInstanceOf(DecodeError);
  });

  it('leaves other requests to others', () => {
    expect(parseRoomCommand({ ...info('{"command":"roster"}'), method: 'MESSAGE' })).toBeUndefined();
    expect(parseRoomCommand({ ...info('{"command":"roster"}'), contentType: 'text/plain' })).toBeUndefined();
  });
});

describe('parseRoomReply()', () => {
  it('reads what formatRoomReply() writes', () => {
    const member = {
      name: 'bob',
      role: 'member',
      isMuted: true,
      isTalking: false,
      isWaiting: false,
      isHeld: false,
    };
    const reply = { ok: true, room: '3000', isLocked: false, isRecording: true, count: 1, members: [member] };
    expect(parseRoomReply(bytes(formatRoomReply(reply as RoomReply)))).toEqual(reply);
  });

  it('refuses what is none', () => {
    expect(parseRoomReply(bytes('{"ok":"yes"}'))).toBeInstanceOf(DecodeError);
  });
});
