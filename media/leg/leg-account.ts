// What a leg tells of itself: its counts, the quality of its sound both ways, and what was seen of its party.
import type { LegReport } from '../engine/types.ts';
import type { VoipMetrics } from '../quality/types.ts';
import { buildQualityReport, type InboundStream, ownMetrics, type QualityInputs } from '../stream/index.ts';
import type { LegCounters } from './counters.ts';
import type { FormatTable } from './format-table.ts';
import type { Latch } from './latch.ts';
import type { EvidenceSources, LegEvidence } from './leg-evidence.ts';
import type { LegOutput } from './leg-output.ts';
import type { LegRtcp } from './leg-rtcp.ts';

/** The parts of the leg, each of which knows something. */
export interface AccountSources {
  readonly legId: number;
  readonly label: string;
  readonly counters: LegCounters;
  readonly latch: Latch;
  /** What the party may send. */
  readonly formats: FormatTable;
  readonly inbound: InboundStream;
  readonly output: LegOutput;
  readonly rtcp: LegRtcp;
  readonly evidence: LegEvidence;
}

export class LegAccount {
  readonly #sources: AccountSources;

  constructor(sources: AccountSources) {
    this.#sources = sources;
  }

  report(now: number, state: Pick<EvidenceSources, 'remote' | 'lastPacketAt' | 'ice'>): LegReport {
    const { legId, label, counters, latch, formats, inbound, output, rtcp, evidence } = this.#sources;
    const { sent, sentBytes } = output.stream;
    return {
      legId,
      label,
      received: counters.received,
      receivedBytes: counters.receivedBytes,
      sent,
      sentBytes,
      forwarded: counters.forwarded,
      consumed: counters.consumed,
      repaired: counters.repaired,
      discarded: counters.discarded(),
      source: latch.source,
      facts: evidence.facts(now, { ...state, latch, formats, inbound, rtcp }),
      ...buildQualityReport(this.#qualityInputs),
    };
  }

  /** How the party's sound was, for extended reports (RFC 3611 §4.7). */
  voipMetrics(): VoipMetrics | null {
    return ownMetrics(this.#qualityInputs);
  }

  get #qualityInputs(): QualityInputs {
    const { inbound, output } = this.#sources;
    return {
      inbound,
      outbound: output.stream,
      codec: output.soundFormat?.encoding ?? null,
      concealment: true,
      discarded: null,
      playoutDelayMs: null,
    };
  }
}
