// What a leg notes of its party besides quality, for whoever asks what was wrong with a call.
import type { RemoteMedia } from '../engine/types.ts';
import type { InboundStream } from '../stream/index.ts';
import { AgreedSilence } from './agreed-silence.ts';
import type { LegFacts } from './facts.ts';
import type { FormatTable } from './format-table.ts';
import type { Latch } from './latch.ts';
import type { LegIceFacts } from './leg-ice.ts';
import type { LegRtcp } from './leg-rtcp.ts';
import { PayloadTypeCounts } from './payload-type-counts.ts';

/** What the parts of the leg know by themselves. */
export interface EvidenceSources {
  readonly remote: RemoteMedia | undefined;
  readonly latch: Latch;
  readonly formats: FormatTable;
  readonly inbound: InboundStream;
  readonly rtcp: LegRtcp;
  readonly lastPacketAt: number;
  /** Null without ICE. */
  readonly ice: LegIceFacts | null;
}

/** Nothing here is touched by a packet that is like the one before. */
export class LegEvidence {
  readonly types = new PayloadTypeCounts();
  readonly silence = new AgreedSilence();
  digits = 0;
  readonly #openedAt: number;
  #firstPacketAt: number | undefined;

  constructor(openedAt: number) {
    this.#openedAt = openedAt;
  }

  /** The party's source was learned. */
  noteSource(now: number): void {
    this.#firstPacketAt ??= now;
  }

  facts(now: number, sources: EvidenceSources): LegFacts {
    const { remote, latch, formats, inbound, rtcp, lastPacketAt, ice } = sources;
    this.types.endRun(formats.lastPayloadType, inbound.received);
    const firstPacketAt = this.#firstPacketAt;
    const hasCome = firstPacketAt !== undefined;
    return {
      promised: remote?.rtp ?? null,
      refusedSources: [...latch.refusedSources],
      direction: this.silence.direction,
      noReceiveMs: this.silence.noReceiveMsAt(now),
      noSendMs: this.silence.noSendMsAt(now),
      openMs: now - this.#openedAt,
      sendFormats: remote?.formats ?? [],
      receiveFormats: formats.formats,
      payloadTypes: this.types.list(),
      clockDriftPpm: inbound.clockDriftPpm,
      digits: this.digits,
      firstPacketMs: hasCome ? firstPacketAt - this.#openedAt : null,
      lastPacketMs: hasCome ? lastPacketAt - this.#openedAt : null,
      overtaken: inbound.overtaken,
      rtcpReports: rtcp.reports,
      rtcpLies: rtcp.lies,
      ice,
    };
  }
}
