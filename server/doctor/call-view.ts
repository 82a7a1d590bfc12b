// A call as the rules look at it: two legs that know each other, and what holds for the whole.
import {
  type DirectionEvidence,
  type LegFactsEvidence,
  type LegReportEvidence,
  type PhoneReportEvidence,
  type RecordEvidence,
  readRecord,
  type VoipEvidence,
} from './evidence.ts';
import type { PartyName, Role } from './types.ts';

/** Who is silent here for so long at the end of a call that may be direct is heard elsewhere. */
const DIRECT_SILENCE_MS = 2000;

/** One party's leg. */
export class LegView {
  readonly who: PartyName;
  readonly report: LegReportEvidence;
  readonly call: CallView;

  constructor(who: PartyName, report: LegReportEvidence, call: CallView) {
    this.who = who;
    this.report = report;
    this.call = call;
  }

  get name(): string {
    return this.who.name;
  }

  /** Null in records of versions that kept none. */
  get facts(): LegFactsEvidence | null {
    return this.report.facts;
  }

  /** Null where the call has one leg, or nothing is left of the other one. */
  get other(): LegView | null {
    return this.call.legs.find((leg) => leg !== this) ?? null;
  }

  /** Whether the party's sound went past the server, which may have heard the beginning of it. */
  get isDirect(): boolean {
    const { facts } = this;
    if (facts?.ice?.mode !== 'pass') return false;
    return facts.lastPacketMs === null || facts.openMs - facts.lastPacketMs >= DIRECT_SILENCE_MS;
  }

  /** Who hears what this party says, and whom it hears. */
  get otherName(): string {
    return this.other?.name ?? this.call.nameOfOther(this.who.role);
  }

  /** Packets that were taken. */
  get accepted(): number {
    return this.report.inbound.packets;
  }

  /** What the party measured of what it heard: by XR (RFC 3611 §4.7), or else by its PUBLISH (RFC 6035). */
  get measuredThere(): VoipEvidence | null {
    return this.report.reportedByParty ?? this.#phoneReport?.report.local ?? null;
  }

  /** How what was sent to the party arrived there; null where it never said so. */
  get heard(): DirectionEvidence | null {
    const { outbound, sent } = this.report;
    if (outbound || !this.#phoneReport) return outbound;
    const { lossRatio, jitterMs, rFactorLq, mosLq, ...burstGap } = this.#phoneReport.report.local;
    // A phone that heard nothing publishes as well, and has no figures.
    if (lossRatio === null) return null;
    const lost = Math.round(lossRatio * sent);
    return {
      ...{
        packets: sent - lost,
        lost,
        lossRatio,
        jitterMs,
        maxJitterMs: jitterMs,
        rFactor: rFactorLq,
        mosLq,
      },
      ...{ discarded: null, burstGap },
    };
  }

  get #phoneReport(): PhoneReportEvidence | undefined {
    return this.call.record.phoneReports.findLast(({ from }) => from === this.report.label);
  }

  refused(reason: string): number {
    return this.report.discarded[reason] ?? 0;
  }

  /** How long, of the conversation, the party was to send. */
  get speakingMs(): number {
    return Math.max(0, this.call.talkMs - (this.facts?.noReceiveMs ?? 0));
  }

  /** How long the party has sent nothing at the end; null where it never sent, or nobody noted it. */
  get silentAtEndMs(): number | null {
    const { facts } = this;
    if (!facts || facts.lastPacketMs === null) return null;
    return Math.max(0, facts.openMs - facts.lastPacketMs);
  }

  /** Whether the party was not to send, when the call ended. */
  get isSilencedAtEnd(): boolean {
    const direction = this.facts?.direction;
    return direction === 'sendonly' || direction === 'inactive';
  }

  /** Whether what it hears is the other party's stream, with the holes that it had when it came here. */
  get hearsRelayed(): boolean {
    const { other } = this;
    return other !== null && other.report.forwarded > 0 && other.report.consumed === 0;
  }
}

/** Made of any record; what it lacks reads as nothing measured. */
export class CallView {
  readonly record: RecordEvidence;
  /** Whose sound came here; the caller first. */
  readonly legs: readonly LegView[];
  /** Whose sound went past the server: of it the figures of the server say nothing. */
  readonly directLegs: readonly LegView[];
  /** From the answer to the end; 0 where nobody answered. */
  readonly talkMs: number;

  constructor(record: unknown) {
    this.record = readRecord(record);
    const { quality, src } = this.record;
    const legs = quality.slice(0, 2).map((report, index) => {
      // Where one report was lost, the label tells whose is left.
      const isCaller = quality.length > 1 ? index === 0 : report.label === src || report.label === '';
      const role: Role = isCaller ? 'caller' : 'callee';
      return new LegView({ role, name: this.#nameOf(role, report) }, report, this);
    });
    this.legs = legs.filter(({ isDirect }) => !isDirect);
    this.directLegs = legs.filter(({ isDirect }) => isDirect);
    this.talkMs = this.#talkMs();
  }

  get isAnswered(): boolean {
    return this.record.answer !== null;
  }

  get isLive(): boolean {
    return this.record.end === null;
  }

  /** Of the other party than the one with that role. */
  nameOfOther(role: Role): string {
    const { src, lastDst } = this.record;
    return role === 'callee' ? src : lastDst;
  }

  #talkMs(): number {
    const { answer, end, billsec } = this.record;
    if (answer === null) return 0;
    const spanMs = end === null ? 1000 * billsec : Date.parse(end) - Date.parse(answer);
    return Number.isFinite(spanMs) ? Math.max(0, spanMs) : 0;
  }

  #nameOf(role: Role, report: LegReportEvidence): string {
    const { src, lastDst, dst } = this.record;
    return report.label || (role === 'caller' ? src : lastDst || dst) || `the ${role}`;
  }
}
