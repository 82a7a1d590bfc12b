// The phone's /room commands as lines, and what rooms answer.
import type { RoomCommand, RoomReply } from '../signaling/index.ts';

/** For help screens. */
export const ROOM_LINE_HELP = `/room alone lists who is there; mute [NAME|#NUMBER|all], unmute [...], kick NAME|#NUMBER, lock, unlock,
  position X Y [FACING] (metres to the east and north, degrees from north), record [off], end`;

/** @returns what is wrong with the line, as text */
export function parseRoomLine(line: string): RoomCommand | string {
  const [word = '', ...rest] = line.trim().split(/\s+/);
  const parse = PARSERS.get(word);
  return parse ? parse(rest) : `there is no "/room ${word}"; ${ROOM_LINE_HELP}`;
}

type Parse = (rest: readonly string[]) => RoomCommand | string;

const PARSERS: ReadonlyMap<string, Parse> = new Map<string, Parse>([
  ['', () => ({ command: 'roster' })],
  ['roster', () => ({ command: 'roster' })],
  ['mute', ([member = 'self']) => ({ command: 'mute', member })],
  ['unmute', ([member = 'self']) => ({ command: 'unmute', member })],
  ['kick', ([member]) => (member === undefined ? '/room kick needs NAME' : { command: 'kick', member })],
  ['lock', () => ({ command: 'lock' })],
  ['unlock', () => ({ command: 'unlock' })],
  ['end', () => ({ command: 'end' })],
  ['record', parseRecord],
  ['position', parsePosition],
]);

/** Whoever means to end it by another word must not begin it. */
function parseRecord([what = 'on']: readonly string[]): RoomCommand | string {
  if (what === 'on' || what === 'off') return { command: 'record', isOn: what === 'on' };
  return `/room record takes on or off, and not "${what}"`;
}

function parsePosition([x, y, facing = '0']: readonly string[]): RoomCommand | string {
  const numbers = [x, y, facing].map((text) =>
    text === undefined || text === '' ? Number.NaN : Number(text),
  );
  if (!numbers.every(Number.isFinite))
    return '/room position needs X Y [FACING], as in "/room position 2 -1 90"';
  const [east = 0, north = 0, facingDegrees = 0] = numbers;
  return { command: 'position', x: east, y: north, facingDegrees };
}

/** What a room answered, for people. */
export function formatRoomReply(reply: RoomReply): string {
  if (!reply.ok) return reply.reason ?? 'the room refused';
  const { room = '', members = [], count = members.length } = reply;
  const states = [reply.isLocked ? 'locked' : undefined, reply.isRecording ? 'recorded' : undefined];
  const head = [`room ${room}: ${count} ${count === 1 ? 'member' : 'members'}`, ...states.filter(Boolean)];
  const names = members.map(({ name }) => name);
  const lines = members.map(({ name, memberId, role, isMuted, isTalking, isWaiting, isHeld }) =>
    [
      `  ${name}`,
      // Who is there with several phones: `/room mute #7` means one of them.
      memberId !== undefined && names.indexOf(name) !== names.lastIndexOf(name) ? `#${memberId}` : undefined,
      role === 'moderator' ? 'moderator' : undefined,
      isMuted ? 'muted' : undefined,
      isTalking ? 'talking' : undefined,
      isWaiting ? 'waiting' : undefined,
      isHeld ? 'on hold' : undefined,
    ]
      .filter(Boolean)
      .join(', '),
  );
  const rest = count > members.length ? [`  and ${count - members.length} more`] : [];
  return [head.join(', '), ...lines, ...rest].join('\n');
}
