// Which payload type of RED carries which other: as SDP says it (RFC 2198 §5).
import type { PayloadFormat } from '../engine/types.ts';

/**
 * @param formats - what one side takes
 * @returns the payload type of RED by that of what it carries, primary or copy
 */
export function redTypesOf(formats: readonly PayloadFormat[]): ReadonlyMap<number, number> {
  const red = formats.filter(({ encoding }) => encoding === 'red');
  return new Map(
    red.flatMap((format) => carriedTypes(format).map((carried) => [carried, format.payloadType])),
  );
}

/** `111/111`: primary and copies. Ours are copies in the primary's own format. */
function carriedTypes({ formatParameters = '' }: PayloadFormat): number[] {
  const types = formatParameters.split('/').filter((type) => /^\d{1,3}$/.test(type));
  return types.map(Number);
}
