// Commands to a conference room in the body of an INFO within the call, and what it answers: JSON of our own (RFC 6838 §3.2).
//
//   INFO  {"command":"mute","member":"bob"}
//   200   {"ok":true,"room":"3000","isLocked":false,"isRecording":false,"count":3,"members":[{"name":"alice", …}]}
import { z } from 'zod';
import { DecodeError, messageOf } from '../../core/index.ts';
import type { SipRequest } from '../message/index.ts';

export const ROOM_COMMAND_TYPE = 'application/vnd.patchcord.room+json';

const LONGEST_COMMAND_BYTES = 1024;
const LONGEST_REPLY_BYTES = 60_000;

/** A user's name, `#` and the number of one phone, `all`, or `self`. */
const member = z.string().min(1).max(64);
/** Metres: no room is larger. */
const metres = z.number().min(-10_000).max(10_000);

const command = z.discriminatedUnion('command', [
  z.strictObject({ command: z.literal('roster') }),
  z.strictObject({ command: z.literal('mute'), member }),
  z.strictObject({ command: z.literal('unmute'), member }),
  z.strictObject({ command: z.literal('kick'), member }),
  z.strictObject({ command: z.literal('lock') }),
  z.strictObject({ command: z.literal('unlock') }),
  z.strictObject({
    command: z.literal('position'),
    /** Whose; one's own where not given. */
    member: member.optional(),
    x: metres,
    y: metres,
    z: metres.optional(),
    facingDegrees: z.number().min(-360).max(360).optional(),
  }),
  z.strictObject({ command: z.literal('record'), isOn: z.boolean() }),
  z.strictObject({ command: z.literal('end') }),
]);

const reply = z.object({
  ok: z.boolean(),
  /** Why it was not done. */
  reason: z.string().max(500).optional(),
  room: z.string().max(64).optional(),
  isLocked: z.boolean().optional(),
  isRecording: z.boolean().optional(),
  /** How many there are, though not all may be listed. */
  count: z.number().int().min(0).optional(),
  members: z
    .array(
      z.object({
        name: z.string().max(64),
        /** Tells phones of one user apart. */
        memberId: z.number().int().min(0).optional(),
        role: z.enum(['moderator', 'member']),
        isMuted: z.boolean(),
        isTalking: z.boolean(),
        isWaiting: z.boolean(),
        isHeld: z.boolean(),
      }),
    )
    .max(1000)
    .optional(),
});

export type RoomCommand = z.output<typeof command>;

export type RoomReply = z.output<typeof reply>;

export type RoomReplyMember = NonNullable<RoomReply['members']>[number];

/** @returns undefined where the request is none to a room */
export function parseRoomCommand(
  request: Pick<SipRequest, 'method' | 'contentType' | 'body'>,
): RoomCommand | DecodeError | undefined {
  if (request.method !== 'INFO' || request.contentType !== ROOM_COMMAND_TYPE) return undefined;
  return parseBody(request.body, command, LONGEST_COMMAND_BYTES);
}

export function formatRoomCommand(roomCommand: RoomCommand): string {
  return JSON.stringify(roomCommand);
}

/** Reads the body of the 200 to a command. */
export function parseRoomReply(body: Uint8Array): RoomReply | DecodeError {
  return parseBody(body, reply, LONGEST_REPLY_BYTES);
}

export function formatRoomReply(roomReply: RoomReply): string {
  return JSON.stringify(roomReply);
}

function parseBody<Value>(
  body: Uint8Array,
  schema: z.ZodType<Value>,
  longestBytes: number,
): Value | DecodeError {
  if (body.length > longestBytes) return bad(`has ${body.length} bytes; at most ${longestBytes} are read`);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    return bad(`is no JSON: ${messageOf(error)}`);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  return bad(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is wrong'}`);
}

function bad(reason: string): DecodeError {
  return new DecodeError('ROOM_BAD_COMMAND', 'room command', reason);
}
