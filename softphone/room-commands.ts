// Tells the conference room at the far end what to do, by INFO.
import { DecodeError } from '../core/index.ts';
import {
  formatRoomCommand,
  parseRoomReply,
  ROOM_COMMAND_TYPE,
  type RoomCommand,
  type RoomReply,
  type Session,
} from '../signaling/index.ts';

/** What far ends answer that know no such commands (RFC 3261 §21.4.6, §21.4.13, RFC 6086 §4.2.2). */
const UNKNOWN_STATUSES: ReadonlySet<number> = new Set([405, 415, 469, 489, 501]);

/** The keys of rooms whose server takes no commands. */
export const ROOM_KEYS_HELP =
  'Asterisk: 1 mutes you, 2 locks, 3 removes the last, 8 leaves; FreeSWITCH: 0 mutes you, # leaves';

/** Never rejects: whatever goes wrong is a reply that says so. */
export async function sendRoomCommand(session: Session, command: RoomCommand): Promise<RoomReply> {
  const { status, reason, response } = await session.request('INFO', {
    body: formatRoomCommand(command),
    contentType: ROOM_COMMAND_TYPE,
  });
  if (UNKNOWN_STATUSES.has(status)) {
    return refusal(`the far end takes no room commands (${status} ${reason}); by keys, ${ROOM_KEYS_HELP}`);
  }
  if (status >= 300 || !response) return refusal(`the room answered ${status} ${reason}`);
  // An empty 200 is what some answer to any INFO.
  const reply = parseRoomReply(response.body);
  return reply instanceof DecodeError ? refusal('the far end is no room: its answer makes no sense') : reply;
}

function refusal(reason: string): RoomReply {
  return { ok: false, reason };
}
