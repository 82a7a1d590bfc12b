// Bencoding, the notation of rtpengine's ng protocol.

export type Bencoded = string | number | readonly Bencoded[] | { readonly [key: string]: Bencoded };

export function encodeBencode(value: Bencoded): string {
  if (typeof value === 'string') return `${Buffer.byteLength(value)}:${value}`;
  if (typeof value === 'number') return `i${value}e`;
  if (isList(value)) return `l${value.map(encodeBencode).join('')}e`;
  const entries = Object.entries(value).map(([key, item]) => encodeBencode(key) + encodeBencode(item));
  return `d${entries.join('')}e`;
}

/** @throws Error where the text is cut or has an unknown mark */
export function decodeBencode(bytes: Buffer): Bencoded {
  return decodeAt(bytes, 0).value;
}

interface Decoded {
  readonly value: Bencoded;
  readonly end: number;
}

function decodeAt(bytes: Buffer, start: number): Decoded {
  const mark = String.fromCharCode(bytes[start] ?? 0);
  if (mark === 'i') {
    const end = indexOf(bytes, 'e', start);
    return { value: Number(bytes.toString('latin1', start + 1, end)), end: end + 1 };
  }
  if (mark === 'l') {
    const { items, end } = decodeItems(bytes, start + 1);
    return { value: items, end };
  }
  if (mark === 'd') {
    const { items, end } = decodeItems(bytes, start + 1);
    const entries = new Map<string, Bencoded>();
    for (let i = 0; i + 1 < items.length; i += 2) entries.set(String(items[i]), items[i + 1] ?? '');
    return { value: Object.fromEntries(entries), end };
  }
  const colon = indexOf(bytes, ':', start);
  const length = Number(bytes.toString('latin1', start, colon));
  if (!Number.isInteger(length)) throw new Error(`bencode: unknown mark "${mark}" at byte ${start}`);
  return { value: bytes.toString('utf8', colon + 1, colon + 1 + length), end: colon + 1 + length };
}

function decodeItems(bytes: Buffer, start: number): { items: Bencoded[]; end: number } {
  const items: Bencoded[] = [];
  let at = start;
  while (bytes[at] !== 0x65) {
    const { value, end } = decodeAt(bytes, at);
    items.push(value);
    at = end;
  }
  return { items, end: at + 1 };
}

function indexOf(bytes: Buffer, mark: string, start: number): number {
  const index = bytes.indexOf(mark, start);
  if (index < 0) throw new Error(`bencode: no "${mark}" after byte ${start}`);
  return index;
}

function isList(value: Bencoded): value is readonly Bencoded[] {
  return Array.isArray(value);
}
