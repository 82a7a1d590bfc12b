// ICE as SDP has it (RFC 8839): attributes of a section, or of the session for all of them.
import { addressScope, DecodeError, normalizeAddress } from '../../core/index.ts';
import { type Candidate, formatCandidate, type IceDescription, parseCandidate } from '../../nat/index.ts';
import type { MediaDescription, SessionDescription } from './types.ts';

/** Candidates of one section that are read: more would only make more pairs than are ever checked. */
export const MAX_CANDIDATES = 64;

const UFRAG = /^[A-Za-z0-9+/]{4,256}$/;
const PASSWORD = /^[A-Za-z0-9+/]{22,256}$/;

/** The attribute of a section by which an answer says why it has no ICE (RFC 8839 §5.3). */
export const ICE_MISMATCH = 'ice-mismatch';

/**
 * The ICE of a section that may be relied on (RFC 8839 §4.2.5).
 *
 * @returns `mismatch` where somebody on the way has changed `c=` and `m=` and left the candidates: no ICE, and an answer
 *   of ours says so by {@link ICE_MISMATCH}; undefined where the section has none
 */
export function verifiedIceOf(
  description: SessionDescription,
  line: MediaDescription,
): IceDescription | 'mismatch' | undefined {
  const ice = iceOf(description, line);
  if (!ice || line.attributes.includes(ICE_MISMATCH)) return undefined;
  const { port } = line;
  const address = normalizeAddress(line.address ?? '');
  // RFC 8840 §4.1.1: whoever trickles may have nothing to name yet.
  const isNamedLater = ice.isTrickling === true && port === 9 && addressScope(address) === 'unspecified';
  const isCandidate = ({ component, endpoint }: Candidate) =>
    component === 1 && endpoint.port === port && endpoint.address === address;
  return isNamedLater || ice.candidates.some(isCandidate) ? ice : 'mismatch';
}

/** @returns undefined where the section has no ICE, or credentials that are none */
export function iceOf(
  description: Pick<SessionDescription, 'attributes'>,
  line: Pick<MediaDescription, 'attributes'>,
): IceDescription | undefined {
  const values = (name: string) => [
    ...valuesOf(line.attributes, name),
    ...valuesOf(description.attributes, name),
  ];
  // RFC 8839 §5.4: those of the section go before those of the session.
  const [ufrag = ''] = values('ice-ufrag');
  const [password = ''] = values('ice-pwd');
  if (!UFRAG.test(ufrag) || !PASSWORD.test(password)) return undefined;
  const candidates = valuesOf(line.attributes, 'candidate')
    .slice(0, MAX_CANDIDATES)
    .flatMap((text) => {
      const candidate = parseCandidate(text);
      return candidate === undefined || candidate instanceof DecodeError ? [] : [candidate];
    });
  const options = values('ice-options').flatMap((text) => text.split(' '));
  return {
    credentials: { ufrag, password },
    candidates,
    isLite: values('ice-lite').length > 0,
    isTrickling: options.includes('trickle') && values('end-of-candidates').length === 0,
  };
}

/**
 * The attributes of a section that tell of our ICE. `a=ice-lite` belongs to the session: {@link ICE_LITE}.
 *
 * @param options.takesMore - whether we understand candidates that follow (RFC 8838 §3); the same in every description
 *   of a session, as RFC 8839 §4.4.1.1.1 wants it of `ice-options`
 */
export function iceAttributes(
  { credentials, candidates, isTrickling = false }: IceDescription,
  { takesMore = false }: { readonly takesMore?: boolean } = {},
): readonly string[] {
  const knowsTrickle = isTrickling || takesMore;
  return [
    `ice-ufrag:${credentials.ufrag}`,
    `ice-pwd:${credentials.password}`,
    // RFC 8445 §10: we keep to it, and not only to its predecessor.
    `ice-options:${knowsTrickle ? 'ice2 trickle' : 'ice2'}`,
    ...candidates.map((candidate) => `candidate:${formatCandidate(candidate)}`),
    // RFC 8838 §8.2: the peer need not wait for more.
    ...(knowsTrickle && !isTrickling ? ['end-of-candidates'] : []),
  ];
}

/** The attribute of the session of a lite agent (RFC 8839 §5.3). */
export const ICE_LITE = 'ice-lite';

/** @returns the values of `name:value`, and an empty text for `name` alone */
function valuesOf(attributes: readonly string[], name: string): string[] {
  return attributes.flatMap((text) => {
    if (text === name) return [''];
    return text.startsWith(`${name}:`) ? [text.slice(name.length + 1).trim()] : [];
  });
}
