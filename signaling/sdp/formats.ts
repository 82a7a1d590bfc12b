// Payload formats: the static ones of RFC 3551, and when two are the same.
import type { PayloadFormat } from './types.ts';

type StaticRow = readonly [payloadType: number, encoding: string, clockRateHz: number, channels?: number];

// RFC 3551 §6, tables 4 and 5. G722 has a clock of 8,000 by an old mistake (§4.5.2).
const STATIC_ROWS: readonly StaticRow[] = [
  [0, 'pcmu', 8000],
  [3, 'gsm', 8000],
  [4, 'g723', 8000],
  [5, 'dvi4', 8000],
  [6, 'dvi4', 16_000],
  [7, 'lpc', 8000],
  [8, 'pcma', 8000],
  [9, 'g722', 8000],
  [10, 'l16', 44_100, 2],
  [11, 'l16', 44_100],
  [12, 'qcelp', 8000],
  [13, 'cn', 8000],
  [14, 'mpa', 90_000],
  [15, 'g728', 8000],
  [16, 'dvi4', 11_025],
  [17, 'dvi4', 22_050],
  [18, 'g729', 8000],
  [25, 'celb', 90_000],
  [26, 'jpeg', 90_000],
  [28, 'nv', 90_000],
  [31, 'h261', 90_000],
  [32, 'mpv', 90_000],
  [33, 'mp2t', 90_000],
  [34, 'h263', 90_000],
];

/** Formats whose payload types need no rtpmap. */
export const STATIC_FORMATS: ReadonlyMap<number, PayloadFormat> = new Map(
  STATIC_ROWS.map(([payloadType, encoding, clockRateHz, channels = 1]) => [
    payloadType,
    { payloadType, encoding, clockRateHz, channels },
  ]),
);

// Encoding names have no case (RFC 8866 §6.6), but there are phones that compare them as they are registered.
const REGISTERED_SPELLINGS: ReadonlyMap<string, string> = new Map(
  'PCMU PCMA GSM G723 G722 G7221 G728 G729 CN DVI4 LPC L16 QCELP MPA iLBC AMR AMR-WB EVS CelB JPEG H261 H263 H264 H265 VP8 VP9 AV1'
    .split(' ')
    .map((name) => [name.toLowerCase(), name]),
);

/** The encoding name as it is registered: `PCMU`, `opus`. */
export function registeredSpelling(encoding: string): string {
  return REGISTERED_SPELLINGS.get(encoding) ?? encoding;
}

/** Whether both are the same encoding at the same rate, whatever their payload types. */
export function isSameFormat(a: PayloadFormat, b: PayloadFormat): boolean {
  return (
    a.encoding === b.encoding &&
    a.clockRateHz === b.clockRateHz &&
    // RFC 7587 §7: opus is always written with two channels, and so is its redundancy; who writes one means the same.
    (a.channels === b.channels || a.encoding === 'opus' || a.encoding === 'red')
  );
}

const COMPANIONS: ReadonlySet<string> = new Set(['telephone-event', 'cn', 'red']);

/** Whether the format carries sound by itself, and not digits, comfort noise or copies beside another one. */
export function isSoundFormat(format: PayloadFormat): boolean {
  return !COMPANIONS.has(format.encoding);
}

/** The format and nothing else: of a codec's description, say, which knows more than SDP does. */
export function plainFormat(format: PayloadFormat): PayloadFormat {
  const { payloadType, encoding, clockRateHz, channels, formatParameters } = format;
  const plain = { payloadType, encoding, clockRateHz, channels };
  return formatParameters === undefined ? plain : { ...plain, formatParameters };
}
