import { describe, expect, it } from 'vitest';
import { formatRoomReply, parseRoomLine } from '../../../cli/room-lines.ts';

describe('parseRoomLine()', () => {
  it.each([
    { line: '', expected: { command: 'roster' } },
    { line: 'mute', expected: { command: 'mute', member: 'self' } },
    { line: 'mute all', expected: { command: 'mute', member: 'all' } },
    { line: 'unmute  bob', expected: { command: 'unmute', member: 'bob' } },
    { line: 'kick bob', expected: { command: 'kick', member: 'bob' } },
    { line: 'lock', expected: { command: 'lock' } },
    { line: 'record', expected: { command: 'record', isOn: true } },
    { line: 'record on', expected: { command: 'record', isOn: true } },
    { line: 'record off', expected: { command: 'record', isOn: false } },
    { line: 'position 2 -1.5', expected: { command: 'position', x: 2, y: -1.5, facingDegrees: 0 } },
    { line: 'position 0 0 90', expected: { command: 'position', x: 0, y: 0, facingDegrees: 90 } },
  ])('reads "$line"', ({ line, expected }) => {
    expect(parseRoomLine(line)).toEqual(expected);
  });

  it.each([
    { line: 'kick', expected: '/room kick needs NAME' },
    { line: 'record stop', expected: /record takes on or off, and not "stop"/ },
    { line: 'position', expected: /needs X Y/ },
    { line: 'position 1', expected: /needs X Y/ },
    { line: 'position north 1', expected: /needs X Y/ },
    { line: 'position 1 Infinity', expected: /needs X Y/ },
    { line: 'dance', expected: /there is no "\/room dance"; \/room alone lists/ },
  ])('says what is wrong with "$line"', ({ line, expected }) => {
    expect(parseRoomLine(line)).toMatch(expected);
  });
});

describe('formatRoomReply()', () => {
  const member = {
    role: 'member',
    isMuted: false,
    isTalking: false,
    isWaiting: false,
    isHeld: false,
  } as const;

  it('lists who is there, and how', () => {
    const members = [
      { ...member, name: 'alice', role: 'moderator', isTalking: true } as const,
      { ...member, name: 'bob', isMuted: true, isHeld: true },
    ];
    expect(
      formatRoomReply({ ok: true, room: '3000', isLocked: true, isRecording: false, count: 5, members }),
    ).toBe('room 3000: 5 members, locked\n  alice, moderator, talking\n  bob, muted, on hold\n  and 3 more');
  });

  it('tells the phones of one user apart', () => {
    const members = [
      { ...member, name: 'bob', memberId: 3 },
      { ...member, name: 'alice', memberId: 4 },
      { ...member, name: 'bob', memberId: 5 },
    ];
    expect(formatRoomReply({ ok: true, room: '3000', members })).toBe(
      'room 3000: 3 members\n  bob, #3\n  alice\n  bob, #5',
    );
    expect(parseRoomLine('kick #5')).toEqual({ command: 'kick', member: '#5' });
  });

  it('says why not', () => {
    expect(formatRoomReply({ ok: false, reason: 'only moderators may record' })).toBe(
      'only moderators may record',
    );
  });
});
