// STUN and TURN in patchcord.yaml.
import { z } from 'zod';
import { addressFamily, parseHostPort } from '../../core/index.ts';
import { DEFAULT_QUOTAS, DEFAULT_RELAY_PORTS, STUN_PORT, STUNS_PORT } from '../../nat/index.ts';
import { addressPrefix } from './address-schema.ts';
import { listenOn } from './listen-schema.ts';
import { portRange } from './port-range.ts';

/** Hours for which a phone may use what it was given with its last registration. */
const CREDENTIAL_HOURS = 24;

/** Characters of a secret that programs beside the server know, at least. */
const SECRET_LENGTH = 16;

/** `auto`, `off`, or where: an address, a port or both. */
const otherAddress = z.union([
  z.literal('auto'),
  z.literal(['off', false]).transform(() => 'off' as const),
  z.union([z.string(), z.number()]).transform((value, context) => {
    const text = String(value);
    const parsed = /^\d+$/.test(text) ? { port: Number(text) } : parseHostPort(text);
    const { host, port } = { host: undefined, port: undefined, ...parsed };
    const isAddress = host === undefined || addressFamily(host) !== undefined;
    if (parsed && isAddress && (port === undefined || (port > 0 && port <= 65_535))) {
      return { address: host, port };
    }
    context.addIssue({
      code: 'custom',
      message: `should be "auto", "off", a port, or a numeric address with or without one, as in "198.51.100.2:${STUN_PORT + 1}"`,
    });
    return z.NEVER;
  }),
]);

const settings = z
  .strictObject({
    udp: listenOn(STUN_PORT).optional(),
    tcp: listenOn(STUN_PORT).optional(),
    tls: listenOn(STUNS_PORT).optional(),
    otherAddress: otherAddress.default('auto'),
    certificate: z.string().min(1).optional(),
    key: z.string().min(1).optional(),
    relayPorts: portRange.default(DEFAULT_RELAY_PORTS),
    perUser: z.number().int().min(1).max(10_000).default(DEFAULT_QUOTAS.perUser),
    total: z.number().int().min(1).max(16_000).default(DEFAULT_QUOTAS.total),
    maxKilobits: z.number().int().min(1).max(10_000_000).optional(),
    allowPeers: z.array(addressPrefix).default([]),
    denyPeers: z.array(addressPrefix).default([]),
    // A short one could be guessed from a name and its password, which whoever asks is given.
    secret: z.string().min(SECRET_LENGTH).max(256).optional(),
    credentialHours: z
      .number()
      .int()
      .min(1)
      .max(24 * 365)
      .default(CREDENTIAL_HOURS),
  })
  .refine(({ certificate, key }) => (certificate === undefined) === (key === undefined), {
    message: 'should have both, a certificate and its key, or neither',
  })
  .refine(({ tls, certificate }) => !tls?.length || certificate !== undefined, {
    message: 'should have a certificate and its key where tls is configured (--turn-certificate, --turn-key)',
  });

/** `off`, or what departs from the defaults. */
export const turn = z.union([z.literal(['off', false]).transform(() => 'off' as const), settings]);
