// Header extensions in SDP (RFC 8285 §5 to §7): `a=extmap:1/sendrecv urn:… parameters`.
import { intersectDirections, reverseDirection } from './direction.ts';
import type { Direction, HeaderExtension, MediaDescription, SessionDescription } from './types.ts';

/** An extension that we can send and read. */
export interface ExtensionCapability {
  readonly uri: string;
  /** As we mean it; `sendrecv` where not given. */
  readonly direction?: Direction;
}

/** What one byte of header can say. Extensions with other numbers are left out: as if the peer did not know them. */
const MAX_ID = 14;
const EXTMAP = /^extmap:(\d{1,4})(?:\/(sendrecv|sendonly|recvonly|inactive))? (\S+)(?: .*)?$/;

/** The extensions of a section, those of its session included (§5); a number or URI that comes again is left out. */
export function extensionsOf(
  description: SessionDescription,
  line: MediaDescription,
): readonly HeaderExtension[] {
  const found: HeaderExtension[] = [];
  for (const text of [...line.attributes, ...description.attributes]) {
    const extension = parseExtension(text);
    if (extension && !found.some(({ id, uri }) => id === extension.id || uri === extension.uri)) {
      found.push(extension);
    }
  }
  return found;
}

function parseExtension(text: string): HeaderExtension | undefined {
  const [, number, direction = 'sendrecv', uri] = EXTMAP.exec(text) ?? [];
  const id = Number(number);
  if (uri === undefined || id < 1 || id > MAX_ID) return undefined;
  // Cast: the expression allows nothing else.
  return { id, uri, direction: direction as Direction };
}

/**
 * What we offer, under the numbers that it has had in this session (§7).
 *
 * @param known - of the last descriptions of both sides: numbers that have a meaning already
 */
export function extensionsToOffer(
  ours: readonly ExtensionCapability[],
  known: readonly HeaderExtension[],
): readonly HeaderExtension[] {
  const taken = new Set(known.map(({ id }) => id));
  return ours.flatMap(({ uri, direction = 'sendrecv' }) => {
    const id = known.find((one) => one.uri === uri)?.id ?? firstFree(taken);
    if (id === undefined) return [];
    taken.add(id);
    return [{ id, uri, direction }];
  });
}

function firstFree(taken: ReadonlySet<number>): number | undefined {
  for (let id = 1; id <= MAX_ID; id += 1) if (!taken.has(id)) return id;
  return undefined;
}

/** §7: those of the offer that we know, under its numbers, each in the direction that both want. */
export function extensionsToAnswer(
  offered: readonly HeaderExtension[],
  ours: readonly ExtensionCapability[],
): readonly HeaderExtension[] {
  return offered.flatMap(({ id, uri, direction }) => {
    const own = ours.find((one) => one.uri === uri);
    if (!own) return [];
    const agreed = intersectDirections(own.direction ?? 'sendrecv', reverseDirection(direction));
    return agreed === 'inactive' ? [] : [{ id, uri, direction: agreed }];
  });
}

/** What both descriptions have under one number, as the first sees it. */
export function sharedExtensions(
  own: readonly HeaderExtension[],
  theirs: readonly HeaderExtension[],
): readonly HeaderExtension[] {
  return own.flatMap(({ id, uri, direction }) => {
    const other = theirs.find((one) => one.id === id && one.uri === uri);
    if (!other) return [];
    const agreed = intersectDirections(direction, reverseDirection(other.direction));
    return agreed === 'inactive' ? [] : [{ id, uri, direction: agreed }];
  });
}

/** As attributes of a section. */
export function extensionAttributes(extensions: readonly HeaderExtension[]): readonly string[] {
  return extensions.map(({ id, uri, direction }) =>
    direction === 'sendrecv' ? `extmap:${id} ${uri}` : `extmap:${id}/${direction} ${uri}`,
  );
}
