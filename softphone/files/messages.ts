// Control messages of a file transfer: JSON text, one a message. Data goes between them as bytes.
//
//   sender                         receiver
//     offer name, size, time  ->
//                             <-   accept marks            (or refuse)
//     start offset            ->                           the largest mark that is the sender's file, too
//     bytes …                 ->
//                             <-   progress written        paces the sender
//     end sha256              ->
//                             <-   done name
//
// Either says `working` while it reads its disk, and `abort` where it cannot go on.
import { z } from 'zod';
import { DecodeError } from '../../core/index.ts';
import { MOST_CONTROL_LENGTH, MOST_MARKS } from './limits.ts';
import { FAILURE_REASONS } from './types.ts';

export const TRANSFER_VERSION = 1;

const bytes = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'is no SHA-256');
const mark = z.object({ offsetBytes: bytes, sha256 });
const failure = { reason: z.enum(FAILURE_REASONS), text: z.string().max(500) };

const schema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('offer'),
    version: z.literal(TRANSFER_VERSION),
    name: z.string().max(1024),
    sizeBytes: bytes,
    modifiedMs: z.number().int(),
  }),
  z.object({ type: z.literal('accept'), marks: z.array(mark).max(MOST_MARKS) }),
  z.object({ type: z.literal('refuse'), ...failure }),
  z.object({ type: z.literal('start'), offsetBytes: bytes }),
  z.object({ type: z.literal('progress'), writtenBytes: bytes }),
  z.object({ type: z.literal('working') }),
  z.object({ type: z.literal('end'), sha256 }),
  z.object({ type: z.literal('done'), name: z.string().max(1024) }),
  z.object({ type: z.literal('abort'), ...failure }),
]);

/** One control message. */
export type ControlMessage = z.infer<typeof schema>;

export function serializeControl(message: ControlMessage): string {
  return JSON.stringify(message);
}

/** Reads a control message of a far end that may send anything. */
export function parseControl(text: string): ControlMessage | DecodeError {
  if (text.length > MOST_CONTROL_LENGTH) return bad('message', `is longer than ${MOST_CONTROL_LENGTH}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return bad('message', 'is no JSON');
  }
  const checked = schema.safeParse(value);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  return bad(issue?.path.join('.') || 'message', issue?.message ?? 'is malformed');
}

function bad(place: string, reason: string): DecodeError {
  return new DecodeError('FILE_MESSAGE_MALFORMED', place, reason);
}
