import { expect, test } from 'vitest';
import { DecodeError } from '../../../../core/index.ts';
import { ATTRIBUTE, checkIntegrity, decodeStun, METHOD, StunWriter } from '../../../../nat/index.ts';

const KEY = Uint8Array.of(1, 2, 3);
const MAPPED = { address: '192.0.2.1', port: 32_853 };

/** As node:dgram hands it over: `slice()` of a Buffer is a view, not a copy as that of a Uint8Array. */
const message = Buffer.from(
  new StunWriter({ method: METHOD.allocate, class: 'request', transactionId: new Uint8Array(12).fill(7) })
    .xorAddress(ATTRIBUTE.xorMappedAddress, MAPPED)
    .integrity(KEY)
    .fingerprint()
    .finish(),
);

test('a message in a Buffer is left as it came by whoever reads it', () => {
  const before = Buffer.from(message);
  const decoded = decodeStun(message);
  if (decoded instanceof DecodeError) throw new Error(decoded.reason);
  expect(checkIntegrity(decoded, KEY)).toBe('valid');
  expect([decoded.mappedAddress, decoded.mappedAddress]).toEqual([MAPPED, MAPPED]);
  expect(Buffer.compare(message, before)).toBe(0);
});
