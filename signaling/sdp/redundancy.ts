// RED (RFC 2198) in descriptions: which sound each `red` format repeats, told by payload types in its parameters.
import type { PayloadFormat } from './types.ts';

/** What is repeated: sound whose packets are small, and of which each can be heard without the others. */
const REPEATED: ReadonlySet<string> = new Set(['opus', 'pcmu', 'pcma']);

/** As capabilities: which payload type they repeat is settled with the rest of a description. */
const RED_FORMATS: readonly PayloadFormat[] = [
  { payloadType: 121, encoding: 'red', clockRateHz: 48_000, channels: 2 },
  { payloadType: 122, encoding: 'red', clockRateHz: 8000, channels: 1 },
];

/** The same capabilities with RED behind them, once for each clock of what it can repeat. */
export function withRedundancy(formats: readonly PayloadFormat[]): readonly PayloadFormat[] {
  return [...formats, ...RED_FORMATS.filter((red) => formats.some((format) => canRepeat(red, format)))];
}

export function isRedundancy(format: PayloadFormat): boolean {
  return format.encoding === 'red';
}

/**
 * Writes into each `red` what it repeats, `111/111`: what it says itself, or else the first that it can. One that
 * repeats nothing of the list is left out.
 */
export function settleRedundancy(formats: readonly PayloadFormat[]): readonly PayloadFormat[] {
  return formats.flatMap((format) => (isRedundancy(format) ? settled(format, formats) : [format]));
}

function settled(red: PayloadFormat, formats: readonly PayloadFormat[]): readonly PayloadFormat[] {
  const able = formats.filter((format) => canRepeat(red, format)).map(({ payloadType }) => payloadType);
  const told = red.formatParameters?.match(/\d+/g)?.map(Number) ?? [];
  const repeatable = told.filter((payloadType) => able.includes(payloadType));
  const [first, ...copies] = red.formatParameters === undefined ? able.slice(0, 1) : repeatable;
  if (first === undefined) return [];
  // RFC 2198 §5: the primary and then its copies, of which there is at least one.
  const repeated = [first, ...(copies.length > 0 ? copies : [first])];
  return [{ ...red, formatParameters: repeated.join('/') }];
}

function canRepeat(red: PayloadFormat, format: PayloadFormat): boolean {
  return REPEATED.has(format.encoding) && format.clockRateHz === red.clockRateHz;
}
