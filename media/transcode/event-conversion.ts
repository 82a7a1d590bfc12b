// Digits whose clock the peer does not know, between parties whose sound passes as it is.
import { invariant } from '../../core/index.ts';
import type { Conversion, Leg, PacketOutcome } from '../leg/index.ts';
import { rewriteRtpIdentity, rewriteRtpPayloadType, rtpSequenceNumber, rtpSsrc } from '../rtp/index.ts';
import type { ConversionPlan } from './conversion-plan.ts';
import { EventTranslator } from './event-translator.ts';

/** Changes the packets in place, so that their numbers stay in the row of the sound's. */
export class EventConversion implements Conversion {
  readonly #to: Leg;
  readonly #events: EventTranslator;

  constructor({ from, toEvents }: ConversionPlan, to: Leg) {
    invariant(toEvents, 'events are converted for a party that takes them alone');
    this.#to = to;
    this.#events = new EventTranslator(from, toEvents);
  }

  handlePacket(now: number, packet: Uint8Array, offset: number): PacketOutcome {
    const event = this.#events.translate(packet, offset, this.#to.sourceTimestampAt(now));
    if (!event) return 'malformed';
    packet.set(event.payload, offset);
    rewriteRtpPayloadType(packet, event.payloadType, event.marker);
    rewriteRtpIdentity(packet, rtpSequenceNumber(packet), event.timestamp, rtpSsrc(packet));
    return this.#to.send(now, packet) ? 'forwarded' : 'peer-not-ready';
  }

  close(): void {}
}
