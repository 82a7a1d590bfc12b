// From a message to bytes.
import { invariant } from '../../core/index.ts';
import type { SipMessage } from './message.ts';

/**
 * The message as it goes onto the wire, in UTF-8. Content-Length is always there, always ours and always right.
 *
 * @returns bytes that belong to the caller
 */
export function serializeMessage(message: SipMessage): Uint8Array {
  const { ids, names, values } = message.headers;
  const body = message.rawBody;
  let head = `${message.startLine}\r\n`;
  for (let index = 0; index < ids.length; index += 1) {
    if (ids[index] !== 'content-length') head += `${names[index]}: ${values[index]}\r\n`;
  }
  if (typeof body === 'string') {
    const sizeBytes = body === '' ? 0 : Buffer.byteLength(body, 'utf8');
    return Buffer.from(`${head}Content-Length: ${sizeBytes}\r\n\r\n${body}`, 'utf8');
  }
  const text = `${head}Content-Length: ${body.length}\r\n\r\n`;
  if (body.length === 0) return Buffer.from(text, 'utf8');
  const headBytes = Buffer.byteLength(text, 'utf8');
  const bytes = Buffer.allocUnsafe(headBytes + body.length);
  const written = bytes.write(text, 0, 'utf8');
  invariant(written === headBytes, 'the buffer was made to fit');
  bytes.set(body, headBytes);
  return bytes;
}
