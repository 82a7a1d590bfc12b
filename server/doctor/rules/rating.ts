// What is left to say: transcoding, and a rating that no other rule explains.
import type { LegView } from '../call-view.ts';
import { fromParty, toParty } from '../finding.ts';
import { mosOf } from '../repair.ts';
import { ENOUGH_PACKETS, GOOD_MOS, SOME_PACKETS } from '../thresholds.ts';
import type { Finding } from '../types.ts';
import { mosEvidence, packetsEvidence, textEvidence } from '../words.ts';
import { ofEachLeg, type Rule } from './rule.ts';

const LOW_MOS = ofEachLeg((leg) => {
  const { inbound, sent } = leg.report;
  const findings: Finding[] = [];
  const said = (listener: string, mosLq: number) => ({
    sentence: `${listener} heard with a MOS of ${mosLq.toFixed(1)}, which dissatisfies many, and no single cause stands out`,
    mend: `see the course of it: patchcord quality ${leg.call.record.uniqueid}`,
    evidence: mosEvidence(mosLq),
  });
  const [spoken, heard] = [mosOf({ leg, isInbound: true }), mosOf({ leg, isInbound: false })];
  if (spoken !== null && spoken < GOOD_MOS && inbound.packets >= ENOUGH_PACKETS) {
    findings.push(fromParty('low-mos', leg, said(leg.otherName, spoken)));
  }
  if (heard !== null && heard < GOOD_MOS && sent >= ENOUGH_PACKETS) {
    findings.push(toParty('low-mos', leg, said(leg.name, heard)));
  }
  return findings;
});

const TRANSCODED = ofEachLeg((leg) => {
  const { other } = leg;
  if (!other || leg.report.consumed < SOME_PACKETS) return undefined;
  const [from, to] = [saidIn(leg), other.report.codec];
  if (!from || !to || from === to) return undefined;
  return fromParty('transcoded', leg, {
    sentence: `${leg.name}'s sound is converted from ${from} to ${to}, which ${other.name}'s phone ${hasFormat(other, from) ? 'puts first' : 'has instead'}`,
    mend: `one codec that both have, in front in both phones, sounds better and costs less`,
    evidence: [
      packetsEvidence('converted', leg.report.consumed),
      textEvidence(`${other.name}'s codecs`, soundText(other)),
    ],
  });
});

/** The codec of most of its packets. */
function saidIn({ facts, report }: LegView): string | null {
  const [most] = (facts?.payloadTypes ?? []).toSorted((a, b) => b.packets - a.packets);
  const format = facts?.receiveFormats.find(({ payloadType }) => payloadType === most?.payloadType);
  return format?.encoding ?? report.codec;
}

function hasFormat({ report }: LegView, encoding: string): boolean {
  return (report.party?.described?.formats ?? []).some((format) => format.encoding === encoding);
}

function soundText({ report, facts }: LegView): string {
  const formats = report.party?.described?.formats ?? facts?.sendFormats ?? [];
  return formats.map(({ encoding }) => encoding).join(', ');
}

/** Ratings and conversions. */
export const RATING_RULES: readonly Rule[] = [LOW_MOS, TRANSCODED];
