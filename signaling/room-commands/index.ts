// What members tell a conference room by SIP INFO.
export {
  formatRoomCommand,
  formatRoomReply,
  parseRoomCommand,
  parseRoomReply,
  ROOM_COMMAND_TYPE,
  type RoomCommand,
  type RoomReply,
  type RoomReplyMember,
} from './body.ts';
