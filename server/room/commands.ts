// What members ask of their room by INFO: who may, and what comes of it.
import type { RoomCommand, RoomReply } from '../../signaling/index.ts';
import type { Member } from './member.ts';
import type { Room } from './room.ts';

/** More members than this would not fit into a datagram; `count` tells how many there are. */
const MOST_LISTED = 40;

/** Does what a member asks, where their role allows it. Never throws: a refusal is a reply. */
export async function runRoomCommand(room: Room, actor: Member, command: RoomCommand): Promise<RoomReply> {
  if (actor.hasLeft) return refusal('you are not in the room any more');
  // Cast: each entry of the table takes the command of its own name.
  const reason = await REFUSED_OR_DONE[command.command](room, actor, command as never);
  return reason === undefined ? { ok: true, ...rosterOf(room) } : refusal(reason);
}

/** @returns why not */
type Run<Name extends RoomCommand['command']> = (
  room: Room,
  actor: Member,
  command: Extract<RoomCommand, { command: Name }>,
) => string | undefined | Promise<string | undefined>;

const REFUSED_OR_DONE: { readonly [Name in RoomCommand['command']]: Run<Name> } = {
  roster: () => undefined,
  mute: (room, actor, { member }) => setMuted(room, actor, { who: member, isMuted: true }),
  unmute: (room, actor, { member }) => setMuted(room, actor, { who: member, isMuted: false }),
  kick: (room, actor, { member: who }) => {
    if (!isModerator(actor)) return onlyModerators('remove others');
    const found = membersCalled(room, who).filter((member) => member !== actor);
    for (const { memberId } of found) room.kick(memberId, `removed by ${actor.name}`);
    return found.length === 0 ? nobodyCalled(who) : undefined;
  },
  lock: (room, actor) => setLocked(room, actor, true),
  unlock: (room, actor) => setLocked(room, actor, false),
  position: (room, actor, { member: who = 'self', x, y, z = 0, facingDegrees = 0 }) => {
    if (!room.settings.spatial) return 'this room has no positions: "spatial" is not set for it';
    const found = who === 'self' ? [actor] : membersCalled(room, who);
    if (found.some((member) => member !== actor) && !isModerator(actor)) return onlyModerators('move others');
    for (const member of found) room.floor.place(member, { position: { x, y, z }, facingDegrees });
    return found.length === 0 ? nobodyCalled(who) : undefined;
  },
  record: async (room, actor, { isOn }) => {
    if (!isModerator(actor)) return onlyModerators('record');
    return (await room.setRecording(isOn)) ? undefined : 'the room cannot be recorded';
  },
  end: (room, actor) => {
    if (!isModerator(actor)) return onlyModerators('end the conference');
    room.end(`ended by ${actor.name}`);
    return undefined;
  },
};

function setMuted(
  room: Room,
  actor: Member,
  { who, isMuted }: { readonly who: string; readonly isMuted: boolean },
): string | undefined {
  if (who === 'self' || (who === actor.name && !isModerator(actor))) {
    room.floor.setMuted(actor.memberId, isMuted, 'self');
    return !isMuted && actor.isMuted ? 'you are muted by a moderator, or may only listen' : undefined;
  }
  if (!isModerator(actor)) return onlyModerators('mute others');
  if (who === 'all') {
    room.floor.setAllMuted(isMuted);
    return undefined;
  }
  const found = membersCalled(room, who);
  for (const member of found) {
    room.floor.setMuted(member.memberId, isMuted, member === actor ? 'self' : 'moderator');
  }
  return found.length === 0 ? nobodyCalled(who) : undefined;
}

function setLocked(room: Room, actor: Member, isLocked: boolean): string | undefined {
  if (!isModerator(actor)) return onlyModerators(isLocked ? 'lock the room' : 'unlock the room');
  room.setLocked(isLocked);
  return undefined;
}

/** By the user's name, or by the number that roster and events tell: one user may be there with several phones. */
function membersCalled(room: Room, who: string): readonly Member[] {
  const named = room.members.filter(({ name }) => name === who);
  return named.length > 0 ? named : room.members.filter(({ memberId }) => `#${memberId}` === who);
}

function rosterOf(room: Room): Omit<RoomReply, 'ok'> {
  const { state } = room;
  return {
    room: state.room,
    isLocked: state.isLocked,
    isRecording: state.isRecording,
    count: state.members.length,
    members: state.members
      .slice(0, MOST_LISTED)
      .map(({ name, memberId, role, isMuted, isTalking, isWaiting, isHeld }) => ({
        name,
        memberId,
        role,
        isMuted,
        isTalking,
        isWaiting,
        isHeld,
      })),
  };
}

function isModerator({ role }: Member): boolean {
  return role === 'moderator';
}

function onlyModerators(what: string): string {
  return `only moderators may ${what}`;
}

function nobodyCalled(who: string): string {
  return `nobody here is called ${JSON.stringify(who)}`;
}

function refusal(reason: string): RoomReply {
  return { ok: false, reason };
}
