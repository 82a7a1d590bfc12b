// Reads HEP version 3, written from its description and without the encoder's help.

/** One packet, by the numbers of its chunks. */
export interface DecodedHep {
  readonly family: number | undefined;
  readonly ipProtocol: number | undefined;
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number | undefined;
  readonly destinationPort: number | undefined;
  /** Microseconds since 1970. */
  readonly microseconds: bigint;
  readonly protocol: number | undefined;
  readonly captureId: number | undefined;
  readonly password: string | undefined;
  readonly correlationId: string | undefined;
  readonly payload: string;
  /** In the order in which they came. */
  readonly types: readonly number[];
}

/** @throws Error where the packet is none, or its lengths do not fit */
export function decodeHep(bytes: Uint8Array): DecodedHep {
  const buffer = Buffer.from(bytes);
  if (buffer.toString('latin1', 0, 4) !== 'HEP3') throw new Error('the packet has no HEP3 in front');
  if (buffer.readUInt16BE(4) !== buffer.length) throw new Error('the length of the packet is wrong');
  const chunks = new Map<number, Buffer>();
  let at = 6;
  while (at < buffer.length) {
    const [vendor, type, length] = [
      buffer.readUInt16BE(at),
      buffer.readUInt16BE(at + 2),
      buffer.readUInt16BE(at + 4),
    ];
    if (vendor !== 0 || length < 6 || at + length > buffer.length) throw new Error(`chunk ${type} is broken`);
    if (chunks.has(type)) throw new Error(`chunk ${type} comes twice`);
    chunks.set(type, buffer.subarray(at + 6, at + length));
    at += length;
  }
  const number = (type: number) => {
    const value = chunks.get(type);
    return value && Number(`0x${value.toString('hex')}`);
  };
  const text = (type: number) => chunks.get(type)?.toString();
  return {
    family: number(1),
    ipProtocol: number(2),
    source: addressText(chunks.get(3) ?? chunks.get(5)),
    destination: addressText(chunks.get(4) ?? chunks.get(6)),
    sourcePort: number(7),
    destinationPort: number(8),
    microseconds: BigInt(number(9) ?? 0) * 1_000_000n + BigInt(number(10) ?? 0),
    protocol: number(11),
    captureId: number(12),
    password: text(14),
    correlationId: text(17),
    payload: text(15) ?? '',
    types: [...chunks.keys()],
  };
}

function addressText(bytes: Buffer | undefined): string {
  if (!bytes) return '';
  return bytes.length === 4 ? bytes.join('.') : (bytes.toString('hex').match(/..../g) ?? []).join(':');
}
