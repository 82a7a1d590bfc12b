// The quality of one call as its record has it: four directions, whatever an older version left out.
import type { BurstGap, DirectionQuality, QualityHistory, VoipMetrics } from '../media/index.ts';
import type { CallRecord } from '../server/index.ts';

/** One direction: from a party to the server as measured there, or to a party as that one said by RTCP. */
export interface DirectionView {
  readonly role: 'caller' | 'callee';
  readonly way: 'from' | 'to';
  /** Name of the party. */
  readonly party: string;
  readonly codec: string | null;
  /** Null where nobody measured. */
  readonly quality: DirectionQuality | null;
  /** Of all packets, those that came too late to be played; null where nobody said. */
  readonly lateRatio: number | null;
  readonly history: QualityHistory;
  readonly roundTripMs: number | null;
}

/** The worst second of a call, in whatever direction. */
export interface WorstSecond {
  readonly mos: number;
  /** Since the direction's first packet. */
  readonly atMs: number;
  readonly direction: DirectionView;
}

/** A stored leg: records of older versions lack what was added since. */
export type StoredLeg = Partial<CallRecord['quality'][number]>;

const ROLES = ['caller', 'callee'] as const;
/** Packets of speech come every 20 ms: fewer than half of them were heard here. */
const DIRECT_PACKET_MS = 40;
const NO_HISTORY: QualityHistory = { intervalMs: 1000, rFactor: [], mosLq: [], mosCq: [] };

/** Two for each leg, caller first: from the party, and to it. */
export function directionsOf(record: CallRecord): readonly DirectionView[] {
  return legsOf(record).flatMap(({ role, leg }) => {
    const about = {
      role,
      party: leg.label ?? role,
      codec: leg.codec ?? null,
      roundTripMs: leg.roundTripMs ?? null,
    };
    const heard = leg.inboundHistory ?? {
      ...NO_HISTORY,
      intervalMs: leg.mosIntervalMs ?? 1000,
      mosLq: leg.mosHistory ?? [],
    };
    const [from, to] = [measured(leg.inbound), measured(leg.outbound)];
    // Of sound that goes past the server nobody but the phone knows.
    const own = isDirect(leg) ? toldBy(record, leg) : undefined;
    return [
      { ...about, way: 'from', quality: from, lateRatio: lateRatioOf(from), history: heard },
      {
        ...about,
        way: 'to',
        quality: isDirect(leg) ? publishedBy(own) : to,
        lateRatio: own?.discardRatio ?? lateRatioOf(to),
        history: leg.outboundHistory ?? NO_HISTORY,
      },
    ] as const;
  });
}

/** Whether checks between the phones were passed on, and the sound was most of the time elsewhere. */
function isDirect({ facts, sent = 0 }: StoredLeg): boolean {
  return facts?.ice?.mode === 'pass' && sent < facts.openMs / DIRECT_PACKET_MS;
}

type ToldByPhone = CallRecord['phoneReports'][number]['report']['local'];

/** What a phone said of all that it heard (RFC 6035). */
function toldBy({ phoneReports }: CallRecord, { label }: StoredLeg): ToldByPhone | undefined {
  return phoneReports?.findLast(({ from }) => from === label)?.report.local;
}

function lateRatioOf(quality: DirectionQuality | null): number | null {
  if (!quality || quality.discarded === null) return null;
  return quality.discarded / (quality.packets + quality.lost);
}

function publishedBy(own: ToldByPhone | undefined): DirectionQuality | null {
  if (!own) return null;
  const { lossRatio, jitterMs, rFactorLq, mosLq, mosCq } = own;
  return {
    ...{ packets: 0, lost: 0, lossRatio, discarded: null, jitterMs, maxJitterMs: jitterMs },
    ...{ rFactor: rFactorLq, mosLq, mosCq, burstGap: null },
  };
}

/** The legs of a call with the roles of their parties. */
export function legsOf(
  record: CallRecord,
): readonly { readonly role: 'caller' | 'callee'; readonly leg: StoredLeg }[] {
  return record.quality.slice(0, ROLES.length).map((leg, index) => ({ role: ROLES[index] ?? 'callee', leg }));
}

function measured(quality: Partial<DirectionQuality> | null | undefined): DirectionQuality | null {
  if (!quality?.packets) return null;
  return {
    packets: quality.packets,
    lost: quality.lost ?? 0,
    lossRatio: quality.lossRatio ?? null,
    discarded: quality.discarded ?? null,
    jitterMs: quality.jitterMs ?? null,
    maxJitterMs: quality.maxJitterMs ?? null,
    rFactor: quality.rFactor ?? null,
    mosLq: quality.mosLq ?? null,
    mosCq: quality.mosCq ?? null,
    burstGap: quality.burstGap ?? null,
  };
}

/** Of conversation, or of listening where the delay is not known. */
export function mosOf({ quality }: Pick<DirectionView, 'quality'>): number | null {
  return quality?.mosCq ?? quality?.mosLq ?? null;
}

/** The largest of what is known. */
export function worstOf(
  directions: readonly DirectionView[],
  figure: (quality: DirectionQuality) => number | null,
): number | null {
  const known = directions.flatMap(({ quality }) => (quality && figure(quality)) ?? []);
  return known.length === 0 ? null : Math.max(...known);
}

export function worstLateOf(directions: readonly DirectionView[]): number | null {
  const known = directions.flatMap(({ lateRatio }) => lateRatio ?? []);
  return known.length === 0 ? null : Math.max(...known);
}

/** Round trips of both legs together: what there is between the phones. */
export function roundTripOf(record: CallRecord): number | null {
  const known = legsOf(record).flatMap(({ leg }) => leg.roundTripMs ?? []);
  return known.length === 0 ? null : known.reduce((sum, ms) => sum + ms, 0);
}

export function worstSecondOf(directions: readonly DirectionView[]): WorstSecond | null {
  let worst: WorstSecond | null = null;
  for (const direction of directions) {
    const { mosLq, intervalMs } = direction.history;
    for (const [index, mos] of mosLq.entries()) {
      if (mos === null || (worst && worst.mos <= mos)) continue;
      worst = { mos, atMs: index * intervalMs, direction };
    }
  }
  return worst;
}

/** `from alice`. */
export function directionText({ way, party }: DirectionView): string {
  return `${way} ${party}`;
}

/** Whose name stands where in a record: `bob`, or `bob (carol)` where another one answered. */
export function calleeText({ dst, lastDst }: CallRecord): string {
  return dst === lastDst ? dst : `${dst} (${lastDst})`;
}

/** What the far ends said themselves by RTCP. */
export function reportedBy(leg: StoredLeg): VoipMetrics | null {
  return leg.reportedByParty ?? null;
}

/** `2.1 % in bursts of 120 ms, 0.1 % in between`. */
export function burstsText(burstGap: BurstGap | null): string | undefined {
  if (!burstGap || (burstGap.burstDensity === 0 && burstGap.gapDensity === 0)) return undefined;
  const percent = (ratio: number) => `${(ratio * 100).toFixed(1)} %`;
  const { burstDensity, burstMs, gapDensity, gapMs } = burstGap;
  const bursts =
    burstDensity === 0 ? 'no bursts' : `${percent(burstDensity)} in bursts of ${burstMs.toFixed(0)} ms`;
  return `${bursts}, ${percent(gapDensity)} in gaps of ${(gapMs / 1000).toFixed(1)} s`;
}
