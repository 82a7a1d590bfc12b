import { describe, expect, test } from 'vitest';
import type { TcpConnection, UdpSocket } from '../../../../core/index.ts';
import { encodeChannelData, padForStream } from '../../../../nat/index.ts';
import { StreamCarrier, UdpCarrier } from '../../../../nat/path/turn-carrier.ts';

const SERVER = { address: '192.0.2.1', port: 3478 };
const LOCAL = { address: '10.0.0.2', port: 4000 };
const FRAME = encodeChannelData(0x4000, Uint8Array.of(1, 2, 3));

class FakeConnection implements TcpConnection {
  readonly local = LOCAL;
  readonly remote = SERVER;
  onData: TcpConnection['onData'];
  onClose: TcpConnection['onClose'];
  bufferedBytes = 0;
  readonly written: Uint8Array[] = [];
  isDestroyed = false;

  write(bytes: Uint8Array): void {
    this.written.push(bytes);
  }

  close(): void {
    this.destroy();
  }

  destroy(): void {
    this.isDestroyed = true;
    this.onClose?.(undefined);
  }
}

function openStream() {
  const connection = new FakeConnection();
  const carrier = new StreamCarrier(connection, SERVER);
  const messages: Uint8Array[] = [];
  let losses = 0;
  carrier.onMessage = (bytes) => messages.push(bytes.slice());
  carrier.onLost = () => {
    losses += 1;
  };
  return { connection, carrier, messages, losses: () => losses };
}

describe('StreamCarrier', () => {
  test('hands over whole messages, however the stream is cut', () => {
    const { connection, messages } = openStream();
    const padded = padForStream(FRAME);
    const stream = Uint8Array.of(...padded, ...padded);
    for (const byte of stream) connection.onData?.(Uint8Array.of(byte));
    expect(messages).toEqual([FRAME, FRAME]);
  });

  test('takes the longest datagram that a peer can send, and goes on', () => {
    const { connection, messages } = openStream();
    const longest = encodeChannelData(0x4000, new Uint8Array(65_507));
    for (const frame of [longest, FRAME]) connection.onData?.(padForStream(frame));
    expect(connection.isDestroyed).toBe(false);
    expect(messages.map(({ length }) => length)).toEqual([longest.length, FRAME.length]);
  });

  test('ends where nobody knows the next message, and says so once', () => {
    const { connection, losses } = openStream();
    connection.onData?.(Uint8Array.of(0xff, 0, 0, 0));
    expect(connection.isDestroyed).toBe(true);
    connection.onClose?.(undefined);
    expect(losses()).toBe(1);
  });

  test('drops what a slow connection does not take', () => {
    const { connection, carrier } = openStream();
    carrier.send(FRAME);
    connection.bufferedBytes = 100_000;
    carrier.send(FRAME);
    expect(connection.written).toHaveLength(1);
  });

  test('says nothing of its own end', () => {
    const { carrier, connection, losses } = openStream();
    carrier.close();
    expect(connection.isDestroyed).toBe(true);
    expect(losses()).toBe(0);
  });
});

test('UdpCarrier tells who sent, and makes no object for the server', () => {
  const sent: unknown[] = [];
  const socket: UdpSocket = {
    local: LOCAL,
    onDatagram: undefined,
    onError: undefined,
    send: (_bytes, address, port) => sent.push({ address, port }),
    close: () => {},
  };
  const carrier = new UdpCarrier(socket, SERVER);
  const sources: unknown[] = [];
  carrier.onMessage = (_bytes, source) => sources.push(source);
  socket.onDatagram?.(FRAME, SERVER.address, SERVER.port);
  socket.onDatagram?.(FRAME, '192.0.2.66', 3478);
  expect(sources[0]).toBe(SERVER);
  expect(sources[1]).toEqual({ address: '192.0.2.66', port: 3478 });
  carrier.send(FRAME);
  expect(sent).toEqual([SERVER]);
});
