// Two paths in the virtual world, each behind its NAT, that exchange their descriptions as signaling would.
import { expect } from 'vitest';
import type { Endpoint } from '../../../core/index.ts';
import {
  type IceDescription,
  type IcePath,
  type IcePathOptions,
  openIcePath,
  type RunningTurnServer,
  startTurnServer,
  type TurnService,
  type TurnTransport,
} from '../../../nat/index.ts';
import { expectEmpty } from '../../support/empty-tables.ts';
import type { Host } from '../../support/host.ts';
import type { World } from '../../support/world.ts';

export const TURN_HOST = '198.51.100.3';
const USER = { username: 'alice', password: 'secret' };

/** A TURN server, which answers STUN too. */
export interface TurnStage {
  readonly host: Host;
  readonly server: RunningTurnServer;
}

export async function addTurnServer(
  world: World,
  addresses: readonly string[] = [TURN_HOST],
): Promise<TurnStage> {
  const host = world.host('turn', { addresses });
  return { host, server: await startTurn(world, host) };
}

export function startTurn(world: World, host: Host, firstRelayPort = 49_152): Promise<RunningTurnServer> {
  const listen = host.addresses.map((address) => ({ address, port: 3478 }));
  const relayPorts = { first: firstRelayPort, last: 65_535 };
  const options = {
    listen: { udp: listen, tcp: listen },
    relayAddresses: host.addresses,
    relayPorts,
    // One user is all phones of a world.
    quotas: { perUser: 1_000 },
  };
  const credentials = { users: { [USER.username]: USER.password } };
  return world.complete(startTurnServer(host, { ...options, credentials }));
}

export function turnService(transport: TurnTransport = 'udp', host = TURN_HOST): TurnService {
  return { host, port: 3478, transport, credentials: USER };
}

/** How many allocations the server has. */
export async function allocationsOf(world: World, { server }: TurnStage): Promise<number> {
  return (await world.complete(server.report())).allocations;
}

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

/** A hundred packets each way, 20 ms apart: each of them arrives, in order, from whom it should. */
export async function exchangeSound(world: World, a: PathEnd, b: PathEnd): Promise<void> {
  const [heardByA, heardByB] = [a.heard.length, b.heard.length];
  const texts = Array.from({ length: 100 }, (_, i) => `packet ${i}`);
  for (const text of texts) {
    a.path.send(1, dataOf(text), undefined);
    b.path.send(1, dataOf(text), undefined);
    await world.run(20);
  }
  await world.run(200);
  for (const heard of [a.heard.slice(heardByA), b.heard.slice(heardByB)]) {
    expect(heard.map(({ text }) => text)).toEqual(texts);
    expect(heard.every(({ isProven }) => isProven)).toBe(true);
  }
}

/** Closes all, and looks for what is left over. */
export async function closeAll(world: World, ends: readonly PathEnd[]): Promise<void> {
  for (const { path } of ends) path.close();
  await world.complete(Promise.all(ends.map(({ path }) => path.closed)));
  for (const { host } of ends) expectEmpty(host.tables());
}
