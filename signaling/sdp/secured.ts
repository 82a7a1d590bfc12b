// Media that two phones secure between themselves by DTLS: sound (RFC 5763, 5764) and data channels (RFC 8841).
import type { MediaDescription, SessionDescription } from './types.ts';

/** Sound over SRTP, its keys agreed on by DTLS (RFC 5764 §8). */
export const SECURED_SOUND = 'UDP/TLS/RTP/SAVPF';
/** SCTP over DTLS (RFC 8841 §4). */
export const SECURED_DATA = 'UDP/DTLS/SCTP';

const SECURED: ReadonlySet<string> = new Set([SECURED_SOUND, 'UDP/TLS/RTP/SAVP', SECURED_DATA]);

/** Whether all that is in use is secured by DTLS: the keys are known to nobody in between. */
export function isSecured(description: SessionDescription): boolean {
  const used = description.media.filter(({ port }) => port !== 0);
  return used.length > 0 && used.every(({ protocol }) => SECURED.has(protocol));
}

/** The section with sound, and that with data; undefined where there is none, or it is not in use. */
export function securedSections(description: SessionDescription): {
  readonly sound: MediaDescription | undefined;
  readonly data: MediaDescription | undefined;
} {
  const find = (kind: string, protocol: string) =>
    description.media.find(
      (line) => line.kind === kind && line.port !== 0 && line.protocol.startsWith(protocol),
    );
  return { sound: find('audio', 'UDP/TLS/RTP/SAVP'), data: find('application', SECURED_DATA) };
}
