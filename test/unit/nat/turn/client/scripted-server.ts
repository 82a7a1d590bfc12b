// A TURN server that says what a test wants: challenges, and then one answer for each request.
import { DecodeError, type Endpoint } from '../../../../../core/index.ts';
import {
  ATTRIBUTE,
  checkIntegrity,
  decodeStun,
  longTermKey,
  METHOD,
  type StunMessage,
  StunWriter,
} from '../../../../../nat/index.ts';

export const SERVER: Endpoint = { address: '192.0.2.1', port: 3478 };
export const CREDENTIALS = { username: 'alice', password: 'secret' };
export const REALM = 'example.org';
export const RELAYED: Endpoint = { address: '192.0.2.1', port: 50000 };
export const MAPPED: Endpoint = { address: '203.0.113.5', port: 40000 };
const KEY = longTermKey({ ...CREDENTIALS, realm: REALM });

export interface Script {
  /** The error that a signed request gets; none: it succeeds. */
  readonly status?: number;
  readonly relayed?: Endpoint;
  readonly lifetimeSeconds?: number;
  readonly alternateServer?: Endpoint;
}

/** Reads a request; fails the test where it is none. */
export function decodeRequest(bytes: Uint8Array): StunMessage {
  const message = decodeStun(bytes);
  if (message instanceof DecodeError) throw new Error(message.toString());
  return message;
}

/** Challenges what is not signed with its nonce, and answers what is as the script says. */
export class ScriptedServer {
  nonce = 'nonce-1';
  script: Script = {};

  respond(bytes: Uint8Array): Uint8Array {
    const request = decodeRequest(bytes);
    if (!request.has(ATTRIBUTE.messageIntegrity)) return this.challenge(request, 401);
    if (request.text(ATTRIBUTE.nonce) !== this.nonce) return this.challenge(request, 438);
    if (checkIntegrity(request, KEY, 'sha1') !== 'valid') return this.challenge(request, 401);
    return this.script.status === undefined ? this.succeed(request) : this.fail(request, this.script.status);
  }

  challenge(request: StunMessage, status: number): Uint8Array {
    return this.#answer(request, 'error')
      .error(status, 'challenge')
      .text(ATTRIBUTE.realm, REALM)
      .text(ATTRIBUTE.nonce, this.nonce)
      .finish();
  }

  succeed(request: StunMessage): Uint8Array {
    const writer = this.#answer(request, 'success');
    const { relayed = RELAYED, lifetimeSeconds = request.uint32(ATTRIBUTE.lifetime) ?? 600 } = this.script;
    if (request.method === METHOD.allocate) {
      writer.xorAddress(ATTRIBUTE.xorRelayedAddress, relayed).xorAddress(ATTRIBUTE.xorMappedAddress, MAPPED);
    }
    if (request.method === METHOD.allocate || request.method === METHOD.refresh) {
      writer.uint32(ATTRIBUTE.lifetime, lifetimeSeconds);
    }
    return writer.integrity(KEY).finish();
  }

  fail(request: StunMessage, status: number): Uint8Array {
    const writer = this.#answer(request, 'error').error(status, 'no');
    const { alternateServer } = this.script;
    if (alternateServer) writer.address(ATTRIBUTE.alternateServer, alternateServer);
    return writer.integrity(KEY).finish();
  }

  #answer(request: StunMessage, type: 'success' | 'error'): StunWriter {
    return new StunWriter({
      method: request.method,
      class: type,
      transactionId: request.transactionId.slice(),
    });
  }
}

/** RFC 8656 §11.3: as a server sends it. */
export function dataIndication(peer: Endpoint, data: Uint8Array): Uint8Array {
  return new StunWriter({ method: METHOD.data, class: 'indication', transactionId: new Uint8Array(12) })
    .xorAddress(ATTRIBUTE.xorPeerAddress, peer)
    .add(ATTRIBUTE.data, data)
    .finish();
}
