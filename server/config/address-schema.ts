// Addresses and ranges of them, as they stand in patchcord.yaml.
import { z } from 'zod';
import { addressFamily, addressScope, normalizeAddress } from '../../core/index.ts';
import { reachOf } from '../addresses/index.ts';

/** An address, or all that begin alike: `10.0.0.0/8`. */
export const addressPrefix = z.string().refine(
  (text) => {
    const [address = '', length, ...rest] = text.split('/');
    const family = addressFamily(address);
    const bits = length === undefined ? 0 : /^\d{1,3}$/.test(length) ? Number(length) : 999;
    return family !== undefined && rest.length === 0 && bits <= (family === 4 ? 32 : 128);
  },
  { message: 'should be an address or a prefix, as in "10.0.0.0/8"' },
);

const NOBODYS: ReadonlySet<string | undefined> = new Set(['unspecified', 'multicast', 'broadcast']);

const advertised = z
  .string()
  .refine((text) => addressFamily(text), { message: 'should be a numeric address, as in "203.0.113.7"' })
  .refine((text) => !NOBODYS.has(addressScope(text)), {
    message: 'should be an address at which phones reach this server, as in "203.0.113.7"',
  })
  .transform(normalizeAddress);

/** One address or several: for phones on the internet, and for those in a private network behind which we are. */
export const advertisedAddresses = z.union([
  advertised.transform((address) => [address]),
  z.array(advertised).superRefine((addresses, context) => {
    const second = addresses.findIndex((address, index) =>
      addresses.slice(0, index).some((other) => isAlike(address, other)),
    );
    if (second < 0) return;
    const message =
      'should not be the second of its kind: give one public and one private address of each family at most';
    context.addIssue({ code: 'custom', path: [second], message });
  }),
]);

/** Nobody could tell which of the two a phone is to be told. */
function isAlike(a: string, b: string): boolean {
  return addressFamily(a) === addressFamily(b) && reachOf(a) === reachOf(b);
}

/** Networks, or `off` where nobody is inside. */
export const insideNetworks = z.union([
  z.literal('off').transform(() => []),
  z.literal(false).transform(() => []),
  z.array(addressPrefix),
]);
