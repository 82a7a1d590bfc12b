// Capture files: written for sipp to play, read back from tcpdump to hear what a program without a recorder was sent.
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { encodeRtp } from '../../../media/rtp/index.ts';
import { PeerProcess } from './peer-process.ts';
import { peerPath } from './require-peer.ts';

// https://www.ietf.org/archive/id/draft-gharris-opsawg-pcap-01.html: microseconds, little-endian.
const MAGIC = 0xa1b2c3d4;
const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const LINKTYPE_ETHERNET = 1;
const ETHERNET_BYTES = 14;
const IPV4_BYTES = 20;
const UDP_BYTES = 8;
const PROTOCOL_UDP = 17;
const FRAME_MS = 20;

/** Writes payloads of static payload type 0 as an RTP stream of 20 ms packets; sipp sends it with addresses of its own. */
export function writeRtpCapture(path: string, payloads: readonly Uint8Array[]): void {
  const header = Buffer.alloc(FILE_HEADER_BYTES);
  header.writeUInt32LE(MAGIC, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(0xffff, 16);
  header.writeUInt32LE(LINKTYPE_ETHERNET, 20);
  const records = payloads.map((payload, index) => {
    const fields = { payloadType: 0, marker: index === 0, ssrc: 0x51bb51bb };
    const numbers = { sequenceNumber: index & 0xffff, timestamp: index * payload.length };
    return recordOf(index * FRAME_MS, encodeRtp({ ...fields, ...numbers }, payload));
  });
  writeFileSync(path, Buffer.concat([header, ...records]));
}

function recordOf(atMs: number, packet: Uint8Array): Buffer {
  const length = ETHERNET_BYTES + IPV4_BYTES + UDP_BYTES + packet.length;
  const record = Buffer.alloc(RECORD_HEADER_BYTES + length);
  record.writeUInt32LE(Math.floor(atMs / 1000), 0);
  record.writeUInt32LE((atMs % 1000) * 1000, 4);
  record.writeUInt32LE(length, 8);
  record.writeUInt32LE(length, 12);
  const frame = record.subarray(RECORD_HEADER_BYTES);
  frame.writeUInt16BE(0x0800, 12);
  const ip = frame.subarray(ETHERNET_BYTES);
  ip[0] = 0x45;
  ip.writeUInt16BE(IPV4_BYTES + UDP_BYTES + packet.length, 2);
  ip[8] = 64;
  ip[9] = PROTOCOL_UDP;
  ip.set([127, 0, 0, 1, 127, 0, 0, 1], 12);
  const udp = ip.subarray(IPV4_BYTES);
  udp.writeUInt16BE(6000, 0);
  udp.writeUInt16BE(6002, 2);
  udp.writeUInt16BE(UDP_BYTES + packet.length, 4);
  udp.set(packet, UDP_BYTES);
  return record;
}

/** What one UDP port was sent, in order. */
export interface CapturedDatagram {
  readonly atMs: number;
  readonly bytes: Uint8Array;
}

/** Reads a capture of tcpdump on the loopback device: UDP over IPv4, whatever else is passed over. */
export function readCapture(path: string): readonly CapturedDatagram[] {
  const file = readFileSync(path);
  const datagrams: CapturedDatagram[] = [];
  for (let at = FILE_HEADER_BYTES; at + RECORD_HEADER_BYTES <= file.length; ) {
    const length = file.readUInt32LE(at + 8);
    const atMs = file.readUInt32LE(at) * 1000 + file.readUInt32LE(at + 4) / 1000;
    const frame = file.subarray(at + RECORD_HEADER_BYTES, at + RECORD_HEADER_BYTES + length);
    const bytes = udpPayloadOf(frame);
    if (bytes) datagrams.push({ atMs, bytes });
    at += RECORD_HEADER_BYTES + length;
  }
  return datagrams;
}

function udpPayloadOf(frame: Buffer): Uint8Array | undefined {
  const ip = frame.subarray(ETHERNET_BYTES);
  if (ip.length < IPV4_BYTES + UDP_BYTES || (ip[0] ?? 0) >> 4 !== 4 || ip[9] !== PROTOCOL_UDP)
    return undefined;
  const udp = ip.subarray(4 * ((ip[0] ?? 0) & 0x0f));
  return udp.subarray(UDP_BYTES, udp.readUInt16BE(4));
}

/** tcpdump of what one port of 127.0.0.1 is sent. It wants root, as the whole of interop does. */
export class PortCapture {
  readonly #child: PeerProcess;
  readonly #path: string;

  /** Resolves once it listens. */
  static async start(port: number, path: string): Promise<PortCapture> {
    const filter = `udp and dst host 127.0.0.1 and dst port ${port}`;
    const args = ['-i', 'lo', '-U', '-n', '-s', '0', '-Z', 'root', '-w', path, filter];
    const child = new PeerProcess({ command: peerPath('tcpdump'), args });
    await child.waitForLog(/listening on lo/);
    return new PortCapture(child, path);
  }

  private constructor(child: PeerProcess, path: string) {
    this.#child = child;
    this.#path = path;
  }

  /** Ends it. @returns what came; a second call reads the same again */
  async end(): Promise<readonly CapturedDatagram[]> {
    // The kernel hands packets over in blocks: what came last may wait for its own.
    await delay(300);
    await this.#child.stop('SIGINT');
    return readCapture(this.#path);
  }
}
