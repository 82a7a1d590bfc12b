// Requests and responses for the digest tests.
import { DecodeError, SeededRandom } from '../../../../core/index.ts';
import {
  DigestClient,
  DigestVerifier,
  type DigestVerifierOptions,
  ha1sOf,
} from '../../../../signaling/digest/index.ts';
import {
  createRequest,
  createResponse,
  type HeaderField,
  parseUri,
  type SipRequest,
  type SipResponse,
  type Uri,
} from '../../../../signaling/message/index.ts';

export const REALM = 'example.org';
export const PASSWORD = 'correct horse';

export function uri(text: string): Uri {
  const parsed = parseUri(text);
  if (parsed instanceof DecodeError) throw new Error(`${parsed}`);
  return parsed;
}

export function request(
  options: { method?: string; target?: string; headers?: readonly HeaderField[]; body?: string } = {},
): SipRequest {
  const { method = 'REGISTER', target = 'sip:example.org', headers = [], body = '' } = options;
  return createRequest({
    method,
    requestUri: uri(target),
    body,
    headers: [
      ['Via', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa'],
      ['From', '<sip:alice@example.org>;tag=1'],
      ['To', '<sip:alice@example.org>'],
      ['Call-ID', 'c'],
      ['CSeq', `1 ${method}`],
      ...headers,
    ],
  });
}

export function verifier(options: Partial<DigestVerifierOptions> = {}): DigestVerifier {
  const alice = ha1sOf({ username: 'alice', realm: REALM, password: PASSWORD });
  return new DigestVerifier({
    realm: REALM,
    random: new SeededRandom(1),
    lookup: (username) => (username === 'alice' ? alice : undefined),
    ...options,
  });
}

export function client(options: { username?: string; password?: string } = {}): DigestClient {
  return new DigestClient({ username: 'alice', password: PASSWORD, random: new SeededRandom(2), ...options });
}

/** The 401 of a server that challenges the request. */
export function refusal(server: DigestVerifier, now: number, refused: SipRequest): SipResponse {
  const verdict = server.verify(now, refused);
  if (verdict.kind !== 'challenge') throw new Error('the request was accepted');
  return createResponse(refused, 401, { headers: verdict.headers });
}
