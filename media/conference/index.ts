// Rooms: many parties that hear each other.
export { FormatGroups, type ListenerFormat } from './format-groups.ts';
export { Room, type RoomListener } from './room.ts';
export { closeCodecs, type MemberEquipment, type RoomMember } from './room-member.ts';
export * from './types.ts';
