// What a client of RFC 5780 asks of the server beside its address: CHANGE-REQUEST, RESPONSE-PORT, PADDING (§7.2, §7.5, §7.6).
//
//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 A P 0|   A: other address, P: other port
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { ATTRIBUTE, type StunMessage, type StunWriter } from '../stun/index.ts';

/** From which of the server's sockets an answer comes, beside the one that was asked. */
export interface ChangeRequest {
  readonly address: boolean;
  readonly port: boolean;
}

const CHANGE_ADDRESS = 4;
const CHANGE_PORT = 2;
const NO_CHANGE: ChangeRequest = { address: false, port: false };

/** @returns undefined where the value is malformed; no change where the attribute is absent */
export function changeRequestOf(request: StunMessage): ChangeRequest | undefined {
  if (!request.has(ATTRIBUTE.changeRequest)) return NO_CHANGE;
  const flags = request.uint32(ATTRIBUTE.changeRequest);
  if (flags === undefined) return undefined;
  return { address: (flags & CHANGE_ADDRESS) !== 0, port: (flags & CHANGE_PORT) !== 0 };
}

export function addChangeRequest(writer: StunWriter, { address, port }: ChangeRequest): StunWriter {
  return writer.uint32(ATTRIBUTE.changeRequest, (address ? CHANGE_ADDRESS : 0) | (port ? CHANGE_PORT : 0));
}

/** @returns null where the attribute is absent, undefined where it is malformed */
export function responsePortOf(request: StunMessage): number | null | undefined {
  const value = request.value(ATTRIBUTE.responsePort);
  if (!value) return null;
  // 16 bits, with or without the two bytes behind them: both are met.
  const port = ((value[0] ?? 0) << 8) | (value[1] ?? 0);
  return (value.length === 2 || value.length === 4) && port !== 0 ? port : undefined;
}

export function addResponsePort(writer: StunWriter, port: number): StunWriter {
  return writer.uint32(ATTRIBUTE.responsePort, port * 0x1_0000);
}
