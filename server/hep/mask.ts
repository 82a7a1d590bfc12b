// Takes out of a SIP message what proves a password or decrypts sound, before it goes to somebody who only looks.

const HEADER_END = '\r\n\r\n';
const MASKED = 'masked';
/** Who is asked is known anyway; everything else feeds a search for the password. */
const SHOWN_PARAMETERS: ReadonlySet<string> = new Set(['username', 'realm', 'algorithm', 'qop']);

/**
 * Masks the credentials of Authorization and Proxy-Authorization (RFC 3261 §22), the password of our Turn-Server, which
 * relays for whoever has it, and keys in SDP: `a=crypto` (RFC 4568, at the same length, so that Content-Length stays true),
 * `a=key-mgmt` (RFC 4567), `a=ice-pwd` (RFC 8839) and `k=`.
 *
 * @returns the same bytes where nothing is to be masked
 */
export function maskSecrets(message: Uint8Array): Uint8Array {
  // Latin-1 keeps every byte as it is.
  const text = Buffer.from(message.buffer, message.byteOffset, message.length).toString('latin1');
  const end = text.indexOf(HEADER_END);
  const split = end < 0 ? text.length : end;
  const masked = maskHead(text.slice(0, split)) + maskBody(text.slice(split));
  return masked === text ? message : Buffer.from(masked, 'latin1');
}

/** A header goes on in lines that begin with a space (RFC 3261 §7.3.1). */
function maskHead(head: string): string {
  return head
    .replace(
      /^((?:proxy-)?authorization[ \t]*:[ \t]*)([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)/gim,
      (_, name: string, value: string) => `${name}${maskCredentials(value)}`,
    )
    .replace(/^(turn-server[ \t]*:)([^\r\n]*)/gim, (_, name: string, value: string) => {
      return `${name}${value.replace(/(;password=)"[^"]*"/gi, `$1"${MASKED}"`)}`;
    });
}

function maskCredentials(value: string): string {
  const [, scheme = '', parameters = ''] = /^\s*(\S+)\s*([\s\S]*)$/.exec(value) ?? [];
  if (scheme.toLowerCase() !== 'digest') return `${scheme} ${MASKED}`;
  // Looked for from the beginning of each name alone: from each of its letters, a long one would take seconds.
  const kept = [...parameters.matchAll(/(?<![\w-])([\w-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s,]*)/g)].map(
    ([, name = '', text = '']) =>
      `${name}=${SHOWN_PARAMETERS.has(name.toLowerCase()) ? text : `"${MASKED}"`}`,
  );
  return `${scheme} ${kept.join(', ')}`;
}

function maskBody(body: string): string {
  const stars = (_: string, before: string, secret: string) => `${before}${'*'.repeat(secret.length)}`;
  return body
    .replace(/^(a=crypto:.*?inline:)([^\s|;]+)/gim, stars)
    .replace(/(;[ \t]*inline:)([^\s|;]+)/gi, stars)
    .replace(/^(a=key-mgmt:\S+ )(\S+)/gim, stars)
    .replace(/^(a=ice-pwd:)(\S+)/gim, stars)
    .replace(/^(k=[^:\r\n]*:)(\S+)/gim, stars);
}
