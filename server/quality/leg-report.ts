// What the server itself measured of one leg of a call that is over, as a report of RFC 6035.
import { farEndMetricsOf, metricsOf, type VqAddress, type VqReport } from '../../signaling/index.ts';
import type { CallRecord } from '../store/index.ts';

/** A leg with all that a report of it takes. */
export interface ReportedLeg {
  readonly report: VqReport;
  readonly leg: CallRecord['quality'][number];
  /** Where our SDP told the party to send to, and where it sends from or wants to be sent to. */
  readonly here: VqAddress;
  readonly there: VqAddress | null;
}

/**
 * One for each leg of an answered call that carried sound, caller first. In the dialog with a party this server stands
 * for the other one: `localId` is that one's name.
 */
export function legReportsOf(record: CallRecord, realm: string): readonly ReportedLeg[] {
  if (record.answer === null || record.end === null) return [];
  const names = [record.src, record.lastDst].map((name) => nameText(name, realm));
  const times = { startAt: Date.parse(record.answer), stopAt: Date.parse(record.end) };
  return record.quality.flatMap((leg, index) => {
    const callId = record.callIds[index];
    if (callId === undefined || (leg.received === 0 && leg.sent === 0)) return [];
    const around = { ...times, codec: leg.codec, roundTripMs: leg.roundTripMs };
    const there = leg.source ?? leg.party.described?.rtp;
    const addresses = {
      here: { ...leg.party.told, ssrc: null },
      there: there ? { ...there, ssrc: null } : null,
    };
    const report: VqReport = {
      kind: 'session',
      isFinal: true,
      alert: null,
      callId,
      localId: names[1 - index] ?? null,
      remoteId: names[index] ?? null,
      origId: names[0] ?? null,
      localAddress: addresses.here,
      remoteAddress: addresses.there,
      local: metricsOf(leg.inbound, around),
      remote: leg.outbound && farEndMetricsOf(leg.outbound, leg.reportedByParty, around),
      toTag: null,
      fromTag: null,
    };
    return [{ report, leg, ...addresses }];
  });
}

/** A name-addr: of a URI as it is, of a user within our realm. */
function nameText(name: string, realm: string): string {
  return /^(sips?|tel):/i.test(name) ? `<${name}>` : `<sip:${encodeURIComponent(name)}@${realm}>`;
}
