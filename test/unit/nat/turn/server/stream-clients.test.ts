import { expect, test } from 'vitest';
import type { TcpConnection, TcpListener } from '../../../../../core/index.ts';
import { encodeChannelData } from '../../../../../nat/index.ts';
import { StreamClients } from '../../../../../nat/turn/server/stream-clients.ts';
import type { TurnClient } from '../../../../../nat/turn/server/types.ts';

const LOCAL = { address: '192.0.2.1', port: 3478 };
const KEEP_ALIVE = Uint8Array.of(0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

/** Nobody reads at its other end. */
class StalledConnection implements TcpConnection {
  readonly local = LOCAL;
  readonly remote = { address: '198.51.100.1', port: 4000 };
  onData: TcpConnection['onData'];
  onClose: TcpConnection['onClose'];
  bufferedBytes = 0;

  write(bytes: Uint8Array): void {
    this.bufferedBytes += bytes.length;
  }

  close(): void {
    this.destroy();
  }

  destroy(): void {
    this.onClose?.(undefined);
  }
}

function connect() {
  const listener: TcpListener = { local: LOCAL, onConnection: undefined, close: () => {} };
  const clients: TurnClient[] = [];
  const server = new StreamClients(listener, {
    runtime: { clock: { now: () => 0, exactNow: () => 0, wallClock: () => 0 }, setTimer: () => () => {} },
    transport: 'tcp',
    onMessage: (client) => clients.push(client),
    onGone: () => {},
    onMalformed: () => {},
  });
  const connection = new StalledConnection();
  listener.onConnection?.(connection);
  connection.onData?.(KEEP_ALIVE);
  const [client] = clients;
  if (!client) throw new Error('it said something');
  return { server, connection, client };
}

/** @returns how many messages wait when no more are taken */
function fill(client: TurnClient, message: Uint8Array): number {
  let count = 0;
  while (count < 100_000 && client.send(message)) count += 1;
  return count;
}

test('for a stranger who does not read, next to nothing waits', () => {
  const { client, connection } = connect();
  fill(client, new Uint8Array(32));
  expect(connection.bufferedBytes).toBeLessThanOrEqual(4_096 + 32);
});

test('for a client with an allocation a while of sound waits, and of short messages no more', () => {
  const { client, connection } = connect();
  // Cast: it is only told that there is one.
  client.handleAllocated?.({} as never);
  expect(fill(client, encodeChannelData(0x4000, new Uint8Array(4)))).toBeLessThanOrEqual(1_025);
  fill(client, encodeChannelData(0x4000, new Uint8Array(1_200)));
  expect(connection.bufferedBytes).toBeGreaterThan(262_144);
  client.handleFreed?.();
  expect(client.send(KEEP_ALIVE)).toBe(false);
});
