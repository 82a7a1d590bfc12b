// UDP, TCP and name look-up behind one interface, so that everything above runs on virtual hosts too.
import type { Endpoint } from './address.ts';

/** Takes one datagram. `bytes` belongs to the socket and may be reused after the call: copy what is kept. */
export type DatagramHandler = (bytes: Uint8Array, address: string, port: number) => void;

export interface UdpOptions {
  /** Local address; `0.0.0.0` and `::` mean every interface. */
  readonly address: string;
  /** 0 asks for any free port. */
  readonly port: number;
  /** Size that the kernel is asked for; the kernel's own where it is not given. */
  readonly receiveBufferBytes?: number;
  /** Differentiated services code point of what is sent, 0 to 63 (RFC 2474); only the Linux fast path can set it. */
  readonly dscp?: number;
}

/** One bound UDP socket. Whoever bound it closes it. */
export interface UdpSocket {
  /** Where it is bound: the real port, also where 0 was asked for. */
  readonly local: Endpoint;
  /** Called for each datagram; one handler at a time. */
  onDatagram: DatagramHandler | undefined;
  /** Called where the kernel reports that a datagram could not leave or arrive. Sending never throws. */
  onError: ((error: Error) => void) | undefined;
  /** Sends a copy of `bytes` to a numeric address. Loss is silent. */
  send(bytes: Uint8Array, address: string, port: number): void;
  close(): void;
}

/** So long a connection that we closed waits for its peer to do the same, so that nobody can hold it open. */
export const TCP_CLOSE_LIMIT_MS = 30_000;

/** One TCP connection. `onClose` comes exactly once, also after `close()`. */
export interface TcpConnection {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Takes the next bytes of the stream, cut anywhere. They belong to the caller only during the call. */
  onData: ((bytes: Uint8Array) => void) | undefined;
  onClose: ((error: Error | undefined) => void) | undefined;
  /** Queues bytes, which must not change from here on. */
  write(bytes: Uint8Array): void;
  /** Bytes that are written and not yet taken by the peer: a slow reader must not make us grow. */
  readonly bufferedBytes: number;
  /**
   * Sends what is written, then closes. What the peer still says is heard until it closes too, or for
   * {@link TCP_CLOSE_LIMIT_MS}: then the connection is dropped.
   */
  close(): void;
  /** Drops the connection at once. */
  destroy(): void;
}

export interface TcpListener {
  readonly local: Endpoint;
  onConnection: ((connection: TcpConnection) => void) | undefined;
  close(): void;
}

export interface TlsConnectOptions extends Endpoint {
  /** The name or numeric address that the certificate must be for. */
  readonly serverName: string;
  /** Certificates that are trusted beside those of the system's authorities, as PEM. */
  readonly authorities?: readonly string[];
}

export interface TlsListenOptions extends Endpoint {
  /** The chain, its own first, as PEM. */
  readonly certificate: string;
  /** As PEM. */
  readonly key: string;
}

export interface TcpConnectOptions {
  /** Ends the attempt where it is not done yet: it rejects. Else it may go on for two minutes. */
  readonly signal?: AbortSignal;
}

/** A service record (RFC 2782). */
export interface SrvRecord {
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

/** The network as one host sees it. What fails rejects with an error that carries the system's `code`. */
export interface Network {
  bindUdp(options: UdpOptions): Promise<UdpSocket>;
  listenTcp(options: { readonly address: string; readonly port: number }): Promise<TcpListener>;
  /** The same for TLS over TCP; a connection is there when its handshake is done. Absent where there is no TLS. */
  listenTls?(options: TlsListenOptions): Promise<TcpListener>;
  connectTcp(remote: Endpoint, options?: TcpConnectOptions): Promise<TcpConnection>;
  /** The same for TLS over TCP, with a server whose certificate holds. Absent where there is no TLS. */
  connectTls?(options: TlsConnectOptions): Promise<TcpConnection>;
  /** Numeric addresses of a host name, IPv4 first; empty where it has none. */
  resolveHost(name: string): Promise<readonly string[]>;
  resolveSrv(name: string): Promise<readonly SrvRecord[]>;
  /** The addresses of this host's interfaces, loopback included. */
  localAddresses(): readonly string[];
  /** The networks that they are in, as `10.0.0.5/24`: who has an address of one is reached without a router. */
  localNetworks(): readonly string[];
  /** The local address from which packets to `address` leave; undefined where there is no route. */
  sourceAddressFor(address: string): Promise<string | undefined>;
}
