// A certificate of our own for one call (RFC 8827 §6.5: whom it belongs to is told by its hash in the description alone).
import { generateKeyPairSync, sign } from 'node:crypto';
import type { Clock, Random } from '../../core/index.ts';

/** As node-datachannel takes them, which makes one for each association where it is given none. */
export interface PeerCertificate {
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** Tags of DER (ITU-T X.690) and identifiers (RFC 5758 §3.2, RFC 5280 §4.1) that it consists of. */
const TAG = { integer: 0x02, bitString: 0x03, oid: 0x06, utf8: 0x0c, utcTime: 0x17 } as const;
const SEQUENCE = 0x30;
const SET = 0x31;
const VERSION = 0xa0;
const ECDSA_WITH_SHA256 = '2a8648ce3d040302';
const COMMON_NAME = '550403';

const DAY_MS = 86_400_000;
const VALID_DAYS = 30;

/** P-256 and ECDSA, as all far ends know them (RFC 8827 §6.5). */
export function makeCertificate(runtime: {
  readonly clock: Pick<Clock, 'wallClock'>;
  readonly random: Pick<Random, 'uint32'>;
}): PeerCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = der(SEQUENCE, der(TAG.oid, Buffer.from(ECDSA_WITH_SHA256, 'hex')));
  const commonName = [der(TAG.oid, Buffer.from(COMMON_NAME, 'hex')), der(TAG.utf8, Buffer.from('patchcord'))];
  const name = der(SEQUENCE, der(SET, der(SEQUENCE, ...commonName)));
  const now = runtime.clock.wallClock();
  const content = der(
    SEQUENCE,
    der(VERSION, der(TAG.integer, Buffer.from([2]))),
    der(TAG.integer, serialNumber(runtime.random)),
    algorithm,
    name,
    der(SEQUENCE, time(now - DAY_MS), time(now + VALID_DAYS * DAY_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = der(TAG.bitString, Buffer.from([0]), sign('sha256', content, privateKey));
  return {
    certificatePem: pemOf(der(SEQUENCE, content, algorithm, signature)),
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** Positive, and never shortened. */
function serialNumber(random: Pick<Random, 'uint32'>): Buffer {
  const bytes = Buffer.alloc(9, 1);
  bytes.writeUInt32BE(random.uint32(), 1);
  bytes.writeUInt32BE(random.uint32(), 5);
  return bytes;
}

/** RFC 5280 §4.1.2.5.1: YYMMDDHHMMSSZ. */
function time(wallClock: number): Buffer {
  const digits = new Date(wallClock).toISOString().replace(/\.\d+|[-:T]/g, '');
  return der(TAG.utcTime, Buffer.from(digits.slice(2)));
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function pemOf(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
