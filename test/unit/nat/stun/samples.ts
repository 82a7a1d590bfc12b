// Messages that the tests of STUN say things with.
import { DecodeError, type Endpoint } from '../../../../core/index.ts';
import { decodeStun, METHOD, type StunClass, type StunMessage, StunWriter } from '../../../../nat/index.ts';

export const SERVER: Endpoint = { address: '198.51.100.1', port: 3478 };
export const CLIENT: Endpoint = { address: '203.0.113.7', port: 40_000 };

export function idOf(number: number): Uint8Array {
  return new Uint8Array(12).fill(number);
}

/** Binding, where nothing else is said. */
export function writer(messageClass: StunClass, id = 1, method: number = METHOD.binding): StunWriter {
  return new StunWriter({ method, class: messageClass, transactionId: idOf(id) });
}

export function decoded(bytes: Uint8Array | undefined): StunMessage {
  const message = decodeStun(bytes ?? new Uint8Array(0));
  if (message instanceof DecodeError) throw new Error(message.toString());
  return message;
}
