// What goes to a party: one stream, whatever it is made of.
import type { Endpoint, UdpSocket } from '../../core/index.ts';
import type { PayloadFormat, RemoteMedia } from '../engine/types.ts';
import { LossResponse, ReportReader, type SendingAdvice } from '../resilience/index.ts';
import type { ReportBlock } from '../rtcp/index.ts';
import { rtpPayloadType } from '../rtp/index.ts';
import { OutboundStream } from '../stream/index.ts';
import { eventFormatFor, FormatTable, isRedFormat, isSoundFormat } from './format-table.ts';
import type { Latch } from './latch.ts';
import { OutgoingCopies } from './outgoing-copies.ts';

export interface LegOutputOptions {
  readonly ssrc: number;
  readonly rtp: UdpSocket;
  /** What the leg learned of its source: there it sends to. */
  readonly latch: Latch;
}

export class LegOutput {
  readonly stream: OutboundStream;
  readonly #rtp: UdpSocket;
  readonly #latch: Latch;
  readonly #formats = new FormatTable();
  /** Only where the party takes RED: nobody else pays for it. */
  #copies: OutgoingCopies | undefined;
  readonly #reports = new ReportReader();
  #response: LossResponse | undefined;
  /** The clock of the sound that the party takes: of reported jitter and of timestamps in sender reports. */
  #soundClockRateHz = 8000;
  #maySend = false;

  constructor({ ssrc, rtp, latch }: LegOutputOptions) {
    this.stream = new OutboundStream(ssrc);
    this.#rtp = rtp;
    this.#latch = latch;
  }

  /** The sound that the party takes first; undefined before SDP said so. */
  get soundFormat(): PayloadFormat | undefined {
    return this.#formats.formats.find(isSoundFormat);
  }

  /** The digits that the party takes; undefined where it takes none. */
  get eventFormat(): PayloadFormat | undefined {
    const { soundFormat } = this;
    return soundFormat && eventFormatFor(soundFormat, this.#formats.formats);
  }

  get isReady(): boolean {
    return this.#maySend;
  }

  setRemote({ formats, direction }: RemoteMedia): void {
    this.#formats.set(formats);
    this.stream.encoding = this.soundFormat?.encoding;
    this.#soundClockRateHz = this.soundFormat?.clockRateHz ?? 8000;
    this.#maySend = direction === 'sendrecv' || direction === 'sendonly';
    this.#copies = formats.some(isRedFormat) ? (this.#copies ?? new OutgoingCopies(this.stream)) : undefined;
    this.#copies?.setFormats(formats);
    if (this.#copies) this.#response ??= new LossResponse();
  }

  /** What the party's reports ask of an encoder for it; nobody else pays for reading them so. */
  get advice(): SendingAdvice {
    this.#response ??= new LossResponse();
    return this.#response.advice;
  }

  /** The party reports on our stream, which has taken the block already. */
  handleReport(now: number, block: ReportBlock): void {
    const reception = this.#reports.read(block, this.stream);
    const advice = this.#response?.handleReport(now, reception);
    if (this.#copies && advice) this.#copies.level = advice.redLevel;
  }

  /** Sends one packet, in place: the buffer is ours to change. @returns whether it went out */
  send(now: number, packet: Uint8Array): boolean {
    if (!this.#maySend) {
      this.stream.interrupt();
      return false;
    }
    const payloadType = rtpPayloadType(packet);
    const isEvent = this.#formats.isEvent(payloadType);
    this.stream.adopt(now, packet, this.#clockRateHz(payloadType, isEvent), isEvent);
    const sent = this.#copies ? this.#copies.wrap(packet) : packet;
    const { address } = this.#latch;
    if (address !== undefined) this.#rtp.send(sent, address, this.#latch.port);
    else this.#sendTo(this.#latch.expected, sent);
    return true;
  }

  /** Nothing was learned yet. @param to - there is one since SDP said that we may send */
  #sendTo(to: Endpoint | undefined, packet: Uint8Array): void {
    if (to) this.#rtp.send(packet, to.address, to.port);
  }

  close(): void {
    this.#maySend = false;
  }

  /** Events are part of the sound's stream: their format, whatever its clock, must not change how the stream is told of. */
  #clockRateHz(payloadType: number, isEvent: boolean): number {
    if (isEvent) return this.#soundClockRateHz;
    return this.#formats.clockRateHz(payloadType) || this.#soundClockRateHz;
  }
}
