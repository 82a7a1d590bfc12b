// What becomes of packets that are not of the source and the types that a leg knows already.
import type { LegCounters } from './counters.ts';
import type { Latch, LatchVerdict } from './latch.ts';
import type { Leg } from './leg.ts';
import type { LegEvidence } from './leg-evidence.ts';
import type { LegListener } from './leg-options.ts';
import type { LegRtcp } from './leg-rtcp.ts';

export interface AdmissionOptions {
  readonly leg: Leg;
  readonly listener: LegListener;
  readonly latch: Latch;
  readonly counters: LegCounters;
  readonly evidence: LegEvidence;
  readonly rtcp: LegRtcp;
}

/** Nothing here is touched by a packet that is like the one before. */
export class Admission {
  readonly #options: AdmissionOptions;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** @returns whether the packet is the party's, whose source was learned by it */
  admit(now: number, verdict: LatchVerdict, address: string, port: number): boolean {
    const { leg, listener, counters, evidence, rtcp } = this.#options;
    const source = { address, port };
    if (verdict === 'learned') {
      evidence.noteSource(now);
      rtcp.handleLearned(address);
      listener.legLearned(leg, source);
      return true;
    }
    counters.discard(verdict === 'wait' ? 'unproven-source' : 'wrong-source');
    if (verdict === 'newly-refused') listener.legRefused(leg, source);
    return false;
  }

  /** A packet has a type that was not negotiated. */
  refuseType(payloadType: number, address: string): void {
    const { latch, counters, evidence } = this.#options;
    // What a stranger sends says nothing of the party.
    const { address: learned = address } = latch;
    if (learned === address) evidence.types.refuse(payloadType);
    counters.discard('wrong-payload-type');
  }
}
