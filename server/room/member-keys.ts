// Does what a member's keys mean, and says so to them.
import type { KeyAction } from './keys.ts';
import type { Member } from './member.ts';
import { peoplePrompts } from './prompts.ts';
import type { Room } from './room.ts';

/** One press of louder or quieter. */
const GAIN_STEP_DB = 3;

/** @param leave - ends the member's call */
export function runKey(action: KeyAction, room: Room, member: Member, leave: () => void): void {
  if (member.hasLeft) return;
  ACTIONS[action](room, member, leave);
}

const ACTIONS: Readonly<Record<KeyAction, (room: Room, member: Member, leave: () => void) => void>> = {
  none: () => {},
  menu: (room, { role, voice }) => {
    if (room.settings.keys !== 'confbridge') return;
    void voice.say(role === 'moderator' ? 'menu-confbridge-moderator' : 'menu-confbridge');
  },
  toggleMute: (room, member) => {
    const isMuted = member.role === 'moderator' ? member.isMuted : member.isMutedBySelf;
    room.floor.setMuted(member.memberId, !isMuted, 'self');
    void member.voice.say(member.isMuted ? 'muted' : 'unmuted');
  },
  toggleDeafMute: (room, member) => {
    const isDeaf = !member.isDeaf;
    room.floor.setMuted(member.memberId, isDeaf, 'self');
    room.floor.setDeaf(member, isDeaf);
    void member.voice.say(member.isMuted ? 'muted' : 'unmuted');
  },
  talkLouder: (room, member) => room.floor.setGain(member, member.gainDb + GAIN_STEP_DB),
  talkQuieter: (room, member) => room.floor.setGain(member, member.gainDb - GAIN_STEP_DB),
  talkReset: (room, member) => room.floor.setGain(member, 0),
  leave: (_room, _member, leave) => leave(),
  count: (room, { voice }) => void voice.say(...peoplePrompts(room.members.length)),
  toggleLock: (room, { voice }) => {
    room.setLocked(!room.isLocked);
    void voice.say(room.isLocked ? 'now-locked' : 'now-unlocked');
  },
  kickLast: (room, member) => {
    // ConfBridge as well removes no moderator by a key.
    const last = room.members.findLast((other) => other !== member && other.role === 'member');
    if (last) room.kick(last.memberId, `removed by ${member.name}`);
  },
  toggleMuteAll: (room, { voice }) => {
    room.floor.setAllMuted(!room.floor.areAllMuted);
    void voice.say(room.floor.areAllMuted ? 'all-muted' : 'all-unmuted');
  },
  toggleRecording: (room) => void room.setRecording(!room.state.isRecording),
};
