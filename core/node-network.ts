// The network of this machine, over node:dgram, node:net and node:dns.
import dgram from 'node:dgram';
import dns from 'node:dns/promises';
import net from 'node:net';
import os from 'node:os';
import tls from 'node:tls';
import { addressFamily, type Endpoint, normalizeAddress } from './address.ts';
import { codeOf, OperationError } from './errors.ts';
import {
  type DatagramHandler,
  type Network,
  TCP_CLOSE_LIMIT_MS,
  type TcpConnection,
  type TcpConnectOptions,
  type TcpListener,
  type TlsListenOptions,
  type UdpOptions,
  type UdpSocket,
} from './network.ts';
import { connectTlsSocket } from './node-tls.ts';

export const nodeNetwork: Network = {
  bindUdp: (options) => NodeUdpSocket.bind(options),
  listenTcp,
  listenTls,
  connectTcp,
  connectTls: async (options) => new NodeTcpConnection(await connectTlsSocket(options)),
  resolveHost,
  resolveSrv: async (name) => absentAsEmpty(dns.resolveSrv(name)),
  localAddresses,
  localNetworks,
  sourceAddressFor,
};

/** Whoever takes longer with his side of the TLS handshake is let go. */
const HANDSHAKE_LIMIT_MS = 10_000;

// Sound fits; a larger datagram makes the buffer grow.
const FIRST_OUTGOING_BYTES = 256;

class NodeUdpSocket implements UdpSocket {
  onDatagram: DatagramHandler | undefined;
  onError: ((error: Error) => void) | undefined;
  readonly local: Endpoint;
  readonly #socket: dgram.Socket;
  #outgoing = new Uint8Array(FIRST_OUTGOING_BYTES);
  /** The part of it that went out last: sound keeps its length, and dgram would cut a new view for every packet. */
  #view = this.#outgoing;
  #closed = false;

  static bind(options: UdpOptions): Promise<NodeUdpSocket> {
    const isV6 = addressFamily(options.address) === 6;
    const socket = dgram.createSocket({
      type: isV6 ? 'udp6' : 'udp4',
      ipv6Only: isV6,
      // Only numeric addresses are ever sent to: skips a tick and a closure for every packet.
      lookup: (address, _options, done) => done(null, address, isV6 ? 6 : 4),
      ...(options.receiveBufferBytes ? { recvBufferSize: options.receiveBufferBytes } : {}),
    });
    return new Promise((resolve, reject) => {
      socket.once('error', (error) => {
        socket.close();
        reject(error);
      });
      socket.bind({ address: options.address, port: options.port, exclusive: true }, () => {
        socket.removeAllListeners('error');
        resolve(new NodeUdpSocket(socket));
      });
    });
  }

  private constructor(socket: dgram.Socket) {
    this.#socket = socket;
    const { address, port } = socket.address();
    this.local = { address, port };
    socket.on('message', (bytes, source) => {
      this.onDatagram?.(bytes, source.address, source.port);
    });
    socket.on('error', (error) => this.onError?.(error));
  }

  send(bytes: Uint8Array, address: string, port: number): void {
    if (this.#closed) return;
    // The kernel's buffer is full and one datagram waits: more would wait without bound, so they are lost here.
    if (this.#socket.getSendQueueCount() > 0) return;
    try {
      // A datagram that waits is read later, when the caller may have reused its buffer.
      if (this.#view.length !== bytes.length) this.#resize(bytes.length);
      this.#view.set(bytes);
      // A callback costs a tick for every packet, so there is one only where somebody listens.
      if (this.onError) this.#socket.send(this.#view, port, address, this.#sent);
      else this.#socket.send(this.#view, port, address);
    } catch (error) {
      this.#sent(error instanceof Error ? error : new Error(String(error)));
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }

  #resize(sizeBytes: number): void {
    if (this.#outgoing.length < sizeBytes) this.#outgoing = new Uint8Array(sizeBytes);
    this.#view = this.#outgoing.subarray(0, sizeBytes);
  }

  readonly #sent = (error: Error | null) => {
    if (error && !this.#closed) this.onError?.(error);
  };
}

class NodeTcpConnection implements TcpConnection {
  onData: ((bytes: Uint8Array) => void) | undefined;
  onClose: ((error: Error | undefined) => void) | undefined;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly #socket: net.Socket;
  #closeLimit: NodeJS.Timeout | undefined;

  constructor(socket: net.Socket) {
    this.#socket = socket;
    this.local = { address: normalizeAddress(socket.localAddress ?? ''), port: socket.localPort ?? 0 };
    this.remote = { address: normalizeAddress(socket.remoteAddress ?? ''), port: socket.remotePort ?? 0 };
    let failure: Error | undefined;
    socket.setNoDelay(true);
    socket.on('data', (bytes) => this.onData?.(bytes));
    socket.on('error', (error) => {
      failure = error;
    });
    socket.on('end', () => this.close());
    socket.on('close', () => {
      clearTimeout(this.#closeLimit);
      this.onClose?.(failure);
    });
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength;
  }

  write(bytes: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  close(): void {
    if (this.#closeLimit || this.#socket.destroyed) return;
    this.#socket.end();
    this.#closeLimit = setTimeout(() => this.#socket.destroy(), TCP_CLOSE_LIMIT_MS).unref();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

function listenTcp(options: Endpoint): Promise<TcpListener> {
  return listenWith(net.createServer({ allowHalfOpen: true }), 'connection', options);
}

/** @throws an error with `code` where certificate or key cannot be used */
async function listenTls(options: TlsListenOptions): Promise<TcpListener> {
  const { certificate, key } = options;
  const server = tls.createServer({
    cert: certificate,
    key,
    minVersion: 'TLSv1.2',
    handshakeTimeout: HANDSHAKE_LIMIT_MS,
    allowHalfOpen: true,
  });
  return listenWith(server, 'secureConnection', options);
}

function listenWith(
  server: net.Server,
  connected: 'connection' | 'secureConnection',
  options: Endpoint,
): Promise<TcpListener> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const isV6 = addressFamily(options.address) === 6;
    server.listen({ host: options.address, port: options.port, ipv6Only: isV6, exclusive: true }, () => {
      server.removeListener('error', reject);
      // An accept that fails (no file descriptors left) is one caller's loss; the listener stays.
      server.on('error', () => {});
      const bound = server.address();
      const port = typeof bound === 'object' && bound ? bound.port : options.port;
      const listener: TcpListener = {
        local: { address: options.address, port },
        onConnection: undefined,
        close: () => server.close(),
      };
      server.on(connected, (socket: net.Socket) => {
        const connection = new NodeTcpConnection(socket);
        if (listener.onConnection) listener.onConnection(connection);
        else connection.destroy();
      });
      resolve(listener);
    });
  });
}

function connectTcp(remote: Endpoint, { signal }: TcpConnectOptions = {}): Promise<TcpConnection> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: remote.address, port: remote.port, allowHalfOpen: true });
    const abandon = () =>
      socket.destroy(new OperationError('TCP_CONNECT_ABANDONED', 'the attempt was ended'));
    if (signal?.aborted) abandon();
    signal?.addEventListener('abort', abandon, { once: true });
    socket.once('close', () => signal?.removeEventListener('abort', abandon));
    socket.once('error', reject);
    socket.once('connect', () => {
      signal?.removeEventListener('abort', abandon);
      socket.removeListener('error', reject);
      resolve(new NodeTcpConnection(socket));
    });
  });
}

async function resolveHost(name: string): Promise<readonly string[]> {
  if (addressFamily(name)) return [normalizeAddress(name)];
  const found = await absentAsEmpty(dns.lookup(name, { all: true }));
  return found.toSorted((a, b) => a.family - b.family).map((entry) => normalizeAddress(entry.address));
}

/** A name without records is an answer, not a failure. */
async function absentAsEmpty<Row>(query: Promise<Row[]>): Promise<Row[]> {
  try {
    return await query;
  } catch (error) {
    if (['ENOTFOUND', 'ENODATA'].includes(codeOf(error) ?? '')) return [];
    throw error;
  }
}

function localAddresses(): readonly string[] {
  return interfaceEntries().map((entry) => normalizeAddress(entry.address));
}

function localNetworks(): readonly string[] {
  return interfaceEntries().flatMap(({ cidr }) => cidr ?? []);
}

function interfaceEntries(): readonly os.NetworkInterfaceInfo[] {
  return Object.values(os.networkInterfaces()).flatMap((entries) => entries ?? []);
}

/** A connected UDP socket sends nothing, but the kernel has chosen its source address. */
function sourceAddressFor(address: string): Promise<string | undefined> {
  const socket = dgram.createSocket(addressFamily(address) === 6 ? 'udp6' : 'udp4');
  return new Promise((resolve) => {
    const finish = (source: string | undefined) => {
      socket.close();
      resolve(source);
    };
    socket.once('error', () => finish(undefined));
    socket.connect(9, address, () => finish(normalizeAddress(socket.address().address)));
  });
}
