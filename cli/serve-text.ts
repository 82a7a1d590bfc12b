// What "patchcord serve" says of STUN and TURN when it starts.
import { formatEndpoint } from '../core/index.ts';
import type { PatchcordServer } from '../server/index.ts';

const TRANSPORTS = ['udp', 'tcp', 'tls'] as const;

/** Where they listen, and what `patchcord nat` can find out by them; or that they are off. */
export function turnLines(
  server: Pick<PatchcordServer, 'turnListening' | 'turnAlternates'>,
): readonly string[] {
  const { turnListening } = server;
  const places = TRANSPORTS.flatMap((transport) =>
    turnListening[transport].map((place) => `${transport} ${formatEndpoint(place)}`),
  );
  if (places.length === 0) return ['no STUN and TURN'];
  return [`STUN and TURN: ${places.join(', ')}`, ...discoveryLines(server)];
}

function discoveryLines({
  turnListening: { udp },
  turnAlternates,
}: Pick<PatchcordServer, 'turnListening' | 'turnAlternates'>): readonly string[] {
  const pairs = turnAlternates.map(({ addresses }) => addresses.join(' and '));
  const hasTwoPorts = new Set(udp.map(({ port }) => port)).size > 1;
  if (pairs.length > 0) return [`"patchcord nat" finds out what a NAT does, by ${pairs.join(', ')}`];
  if (!hasTwoPorts) return [];
  return [
    '"patchcord nat" finds out what a NAT does by port; all of it with a second address: turn.otherAddress',
  ];
}
