// Two paths in the virtual world, each behind its NAT, that exchange their descriptions as signaling would.
import type { Endpoint } from '../../../core/index.ts';
import { type IceDescription, type IcePath, type IcePathOptions, openIcePath } from '../../../nat/index.ts';
import { expectEmpty } from '../../support/empty-tables.ts';
import type { Host } from '../../support/host.ts';
import type { World } from '../../support/world.ts';

export interface Heard {
  readonly text: string;
  readonly source: Endpoint;
  readonly isProven: boolean;
}

/** One end: its path, and what it heard. */
export interface PathEnd {
  readonly host: Host;
  readonly path: IcePath;
  readonly heard: Heard[];
}

export async function openEnd(
  world: World,
  host: Host,
  options: Omit<IcePathOptions, 'components'> & Partial<IcePathOptions>,
): Promise<PathEnd> {
  const path = await world.complete(openIcePath(host, { components: 1, ...options }));
  const heard: Heard[] = [];
  path.onData = (_component, bytes, source, isProven) =>
    heard.push({ text: textOf(bytes), source, isProven });
  return { host, path, heard };
}

/** Both gather, and then tell each other what they found. */
export async function connect(world: World, a: PathEnd, b: PathEnd): Promise<void> {
  await world.complete(Promise.all([a.path.gathered, b.path.gathered]));
  exchange(a, b);
  await world.runUntil(() => a.path.state === 'connected' && b.path.state === 'connected', {
    what: `a path (${a.path.state}, ${b.path.state})`,
  });
}

export function exchange(a: PathEnd, b: PathEnd): void {
  b.path.setRemote(copyOf(a.path.local));
  a.path.setRemote(copyOf(b.path.local));
}

/** As after a journey in text. */
function copyOf(description: IceDescription): IceDescription {
  return structuredClone(description);
}

/** The first byte is one of RTP, so that nobody takes it for STUN. */
export function dataOf(text: string): Uint8Array {
  return Uint8Array.of(0x80, ...new TextEncoder().encode(text));
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.slice(1));
}

/** How the data of each end goes. */
export function kindOf({ path }: PathEnd): string {
  const selected = path.selected(1);
  return selected ? `${selected.localType}-${selected.remoteType}` : 'none';
}

/** Closes all, and looks for what is left over. */
export async function closeAll(world: World, ends: readonly PathEnd[]): Promise<void> {
  for (const { path } of ends) path.close();
  await world.complete(Promise.all(ends.map(({ path }) => path.closed)));
  for (const { host } of ends) expectEmpty(host.tables());
}
