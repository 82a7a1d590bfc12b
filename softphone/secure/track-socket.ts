// Sound over a DTLS-SRTP track, as if it were a call's two sockets: RTP and RTCP share it (RFC 5761).
import type { DatagramHandler, Endpoint, UdpSocket } from '../../core/index.ts';
import type { CallSockets } from '../call-sockets.ts';

/** The part of a peer that carries packets. */
export interface PacketPath {
  sendPacket(bytes: Uint8Array): void;
  onPacket: ((bytes: Uint8Array) => void) | undefined;
  /** Where it goes out, as told in the description. */
  readonly local: Endpoint;
  close(): void;
}

/** Closing them closes the path. */
export function socketsOver(path: PacketPath): CallSockets {
  const rtp = new TrackSocket(path);
  path.onPacket = (bytes) => rtp.receive(bytes);
  return { rtp, rtcp: rtp };
}

class TrackSocket implements UdpSocket {
  onError: ((error: Error) => void) | undefined;
  readonly #path: PacketPath;
  #onDatagram: DatagramHandler | undefined;
  /** Whoever is sent to is who is heard: the keys prove it, and addresses are below. */
  #remote: Endpoint | undefined;

  constructor(path: PacketPath) {
    this.#path = path;
  }

  get local(): Endpoint {
    return this.#path.local;
  }

  get onDatagram(): DatagramHandler | undefined {
    return this.#onDatagram;
  }

  /** Both halves of the pair listen; with a shared port all belongs to the first. */
  set onDatagram(handler: DatagramHandler | undefined) {
    this.#onDatagram ??= handler;
  }

  send(bytes: Uint8Array, address: string, port: number): void {
    if (this.#remote?.address !== address || this.#remote.port !== port) this.#remote = { address, port };
    this.#path.sendPacket(bytes);
  }

  /** A packet that SRTP has authenticated. Before we sent anything it is nobody's. */
  receive(bytes: Uint8Array): void {
    if (this.#remote) this.#onDatagram?.(bytes, this.#remote.address, this.#remote.port);
  }

  close(): void {
    this.#path.close();
  }
}
