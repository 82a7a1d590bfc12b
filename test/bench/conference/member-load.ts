// The members of rooms: many over few sockets, each with a voice of its own; what they hear is counted.
import type { UdpSocket } from '../../../core/index.ts';
import {
  CLIENT_LEVEL_BYTES,
  RTP_HEADER_BYTES,
  writeClientLevel,
  writeRtpHeader,
} from '../../../media/rtp/index.ts';
import { bindRtpPair, type LoadNetwork, openLoadNetwork } from '../load-network.ts';
import { ADDRESS, LEVEL_ID, OPUS } from './contract.ts';
import type { Voice } from './voices.ts';

const PTIME_MS = 20;
const TIMESTAMP_STEP = 960;
const SOCKETS = 20;

interface Member {
  readonly socket: UdpSocket;
  /** Of the bridge, for this member. */
  readonly port: number;
  readonly voice: Voice;
  readonly tellsLevel: boolean;
  readonly ssrc: number;
  readonly packet: Uint8Array;
  /** Frames so far, sent or not. */
  frame: number;
  sequenceNumber: number;
}

export interface MemberLoadResult {
  readonly sent: number;
  readonly received: number;
  /** Packets that left more than one interval after their time. */
  readonly late: number;
}

export class MemberLoad {
  readonly #sockets: UdpSocket[] = [];
  readonly #members: Member[] = [];
  #network: LoadNetwork | undefined;
  #received = 0;

  async open(): Promise<void> {
    this.#network = await openLoadNetwork();
    for (let i = 0; i < SOCKETS; i += 1) {
      const { rtp, rtcp } = await bindRtpPair(this.#network, () => {
        this.#received += 1;
      });
      this.#sockets.push(rtp, rtcp);
    }
  }

  /** From where the next member sends. */
  get nextPort(): number {
    return this.#nextSocket.local.port;
  }

  /** @param port - at which the bridge hears it */
  add(port: number, voice: Voice, tellsLevel: boolean): void {
    const ssrc = 0x2000_0000 + this.#members.length;
    const packet = new Uint8Array(2048);
    // Each begins elsewhere in its voice.
    const frame = this.#members.length * 7;
    this.#members.push({
      socket: this.#nextSocket,
      port,
      voice,
      tellsLevel,
      ssrc,
      packet,
      frame,
      sequenceNumber: 0,
    });
  }

  /** 50 frames a second of every member, spread evenly over the interval. */
  async run(durationMs: number): Promise<MemberLoadResult> {
    this.#received = 0;
    const members = this.#members;
    const startedAt = performance.now();
    const total = Math.floor((durationMs / PTIME_MS) * members.length);
    let [done, sent, late] = [0, 0, 0];
    do {
      const elapsed = performance.now() - startedAt;
      const due = Math.min(total, Math.floor((elapsed / PTIME_MS) * members.length));
      late += Math.max(0, due - done - members.length);
      for (; done < due; done += 1) {
        const member = members[done % members.length];
        if (member && transmit(member)) sent += 1;
      }
      await this.#network?.turn(() => this.#received);
    } while (performance.now() - startedAt < durationMs);
    return { sent, received: this.#received, late };
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
    this.#network?.close();
  }

  get #nextSocket(): UdpSocket {
    const socket = this.#sockets[2 * (this.#members.length % SOCKETS)];
    if (!socket) throw new Error('open() comes first');
    return socket;
  }
}

/** @returns whether there was anything to send */
function transmit(member: Member): boolean {
  const { voice, packet, ssrc, tellsLevel } = member;
  const { frame } = member;
  member.frame += 1;
  if (frame % voice.everyFrames !== 0) return false;
  const index = (frame / voice.everyFrames) % voice.payloads.length;
  const payload = voice.payloads[index] ?? new Uint8Array();
  member.sequenceNumber = (member.sequenceNumber + 1) & 0xffff;
  const { sequenceNumber } = member;
  const timestamp = (frame * TIMESTAMP_STEP) >>> 0;
  writeRtpHeader(packet, { payloadType: OPUS.payloadType, marker: false, sequenceNumber, timestamp, ssrc });
  let offset = RTP_HEADER_BYTES;
  if (tellsLevel) {
    const level = voice.levels[index] ?? 127;
    const levelDbov = -(level & 0x7f);
    writeClientLevel(packet, offset, { id: LEVEL_ID, levelDbov, isVoice: level >= 0x80 });
    offset += CLIENT_LEVEL_BYTES;
  }
  packet.set(payload, offset);
  member.socket.send(packet.subarray(0, offset + payload.length), ADDRESS, member.port);
  return true;
}
