// Our STUN server with two addresses and ports on real sockets, for the clients of others.
import { createNodeRuntime } from '../../../core/index.ts';
import { BehaviourResponder, type BehaviourResponderOptions, type ServerSocket } from '../../../nat/index.ts';

export interface StunServerShell {
  readonly responder: BehaviourResponder;
  close(): void;
}

const PLACES: readonly ServerSocket[] = [
  { address: 0, port: 0 },
  { address: 0, port: 1 },
  { address: 1, port: 0 },
  { address: 1, port: 1 },
];

/** Listens on 127.0.0.1 and 127.0.0.2, at `port` and the next. Tells of it unless `hasAlternates` is false. */
export async function startStunServer(
  port: number,
  { hasAlternates, software }: { readonly hasAlternates: boolean; readonly software?: string },
): Promise<StunServerShell> {
  const alternates = { addresses: ['127.0.0.1', '127.0.0.2'], ports: [port, port + 1] } as const;
  const { network, random, clock } = createNodeRuntime();
  const options: BehaviourResponderOptions = {
    random,
    ...(hasAlternates ? { alternates } : {}),
    ...(software === undefined ? {} : { software }),
  };
  const responder = new BehaviourResponder(options);
  const places = hasAlternates ? PLACES : PLACES.slice(0, 1);
  const sockets = await Promise.all(
    places.map((place) =>
      network.bindUdp({ address: alternates.addresses[place.address], port: alternates.ports[place.port] }),
    ),
  );
  for (const [index, socket] of sockets.entries()) {
    socket.onDatagram = (bytes, address, from) => {
      const answer = responder.handleDatagram(clock.now(), bytes, {
        source: { address, port: from },
        ...(places[index] ? { socket: places[index] } : {}),
      });
      if (!answer) return;
      // The place of a socket among the four is its number in binary.
      const sender = sockets[2 * answer.socket.address + answer.socket.port];
      sender?.send(answer.bytes, answer.remote.address, answer.remote.port);
    };
  }
  return {
    responder,
    close: () => {
      for (const socket of sockets) socket.close();
    },
  };
}
