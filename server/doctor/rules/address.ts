// Sound that never came, and why: the address that we told, that of the party, or a firewall between.
import type { LegView } from '../call-view.ts';
import { fromParty, ofCall, ofParty, type Said, toParty } from '../finding.ts';
import { SHORTEST_TALK_MS } from '../thresholds.ts';
import type { Evidence, Finding } from '../types.ts';
import { isPrivateAddress, packetsEvidence, placeText, textEvidence } from '../words.ts';
import { ofEachLeg, type Rule } from './rule.ts';

const PORTS = 'the UDP ports of media.ports (10000-20000)';

const NOTHING_ARRIVES: Rule = (call) => {
  const missing = call.legs.filter(isMissing);
  const told = missing.filter(wasToldPrivate);
  const elsewhere = missing.filter((leg) => !told.includes(leg) && wasToldElsewhere(leg));
  const others = missing.filter((leg) => !told.includes(leg) && !elsewhere.includes(leg));
  return [...privateAddressTold(told), ...otherAddressTold(elsewhere), ...nothingArrives(others)];
};

function nothingArrives(legs: readonly LegView[]): readonly Finding[] {
  const [first] = legs;
  const areAllBlocked = legs.length > 1 && legs.every(({ facts }) => facts?.rtcpReports === 0);
  if (!first || !areAllBlocked) return legs.map(whyNothingCame);
  return [
    ofCall('ports-blocked', {
      sentence: 'Nothing ever arrived from either phone: between them and this server no sound passes',
      mend: `open ${PORTS} for both directions in the firewall of this server, and in the router in front of it`,
      evidence: legs.flatMap(evidenceOf),
    }),
  ];
}

function isMissing(leg: LegView): boolean {
  return (
    leg.call.isAnswered &&
    !isDeafService(leg) &&
    leg.facts !== null &&
    leg.report.received === 0 &&
    leg.speakingMs >= SHORTEST_TALK_MS
  );
}

/** Star codes answer with a tone, and listen to nothing. */
function isDeafService({ other, call }: LegView): boolean {
  const { dst, lastDst } = call.record;
  return other === null && lastDst === 'forward' && dst.startsWith('*');
}

function whyNothingCame(leg: LegView): Finding {
  return (
    reportsAlone(leg) ??
    fromParty('nothing-arrives', leg, {
      sentence: `Nothing ever arrived from ${leg.name}'s phone, so ${leg.otherName} heard nothing${deafToo(leg)}`,
      mend: `open ${PORTS} towards this server in the firewalls on the way, and see whether the phone is muted or without a microphone`,
      evidence: evidenceOf(leg),
    })
  );
}

/** Its NAT opens with its own sound. */
function deafToo(leg: LegView): string {
  const address = unreachableAddressOf(leg);
  return address === undefined
    ? ''
    : `; and since its SDP has the private address ${address}, ${leg.name} heard nothing either`;
}

/** A phone on the internet was told to send into our own network. */
function wasToldPrivate({ report }: LegView): boolean {
  const { told, signalingAddress } = report.party ?? {};
  if (!told || !signalingAddress) return false;
  return isPrivateAddress(told.address) && !isPrivateAddress(signalingAddress);
}

function privateAddressTold(legs: readonly LegView[]): readonly Finding[] {
  return ofLegs('advertised-address-private', legs, (told) => ({
    sentence: `${phonesText(legs)} told to send sound to the private address ${told}, which cannot be reached from the internet; nothing arrived`,
    mend: 'patchcord serve --advertised-address PUBLIC.ADDRESS (that of your router, which must forward the UDP ports 10000-20000)',
  }));
}

/** We told an address that is not our own: a NAT of ours must forward it. */
function wasToldElsewhere({ report, facts }: LegView): boolean {
  const { told, boundAddress } = report.party ?? {};
  if (!told || !boundAddress || told.address === boundAddress) return false;
  // With reports from there the way is right, and it is the sound that is missing.
  return (facts?.rtcpReports ?? 0) === 0;
}

function otherAddressTold(legs: readonly LegView[]): readonly Finding[] {
  const inside = legs.filter(isInside);
  const outside = legs.filter((leg) => !inside.includes(leg));
  return [...insideToldOutside(inside), ...wrongAddressTold(outside)];
}

/** It comes from a private network, and was told a public address: few routers turn such packets back (RFC 4787 §6). */
function isInside({ report }: LegView): boolean {
  const { told, signalingAddress } = report.party ?? {};
  if (!told || !signalingAddress) return false;
  return isPrivateAddress(signalingAddress) && !isPrivateAddress(told.address);
}

function insideToldOutside(legs: readonly LegView[]): readonly Finding[] {
  const seen = [...new Set(legs.flatMap(({ report }) => report.party?.signalingAddress ?? []))];
  return ofLegs('advertised-address-unreached', legs, (told) => ({
    sentence: `${phonesText(legs)} told to send sound to ${told} (--advertised-address) though inside (${seen.join(', ')}), and nothing arrived: routers seldom turn back what is sent from inside to their public address`,
    mend: `patchcord serve --inside-networks ${seen.join(',')} (or the networks of these phones, as 10.0.0.0/8), so that they are told this server's own address`,
  }));
}

function wrongAddressTold(legs: readonly LegView[]): readonly Finding[] {
  const bound = legs[0]?.report.party?.boundAddress ?? '';
  return ofLegs('advertised-address-unreached', legs, (told) => ({
    sentence: `${phonesText(legs)} told to send sound to ${told} (--advertised-address), and nothing arrived here at ${bound}`,
    mend: `see that ${told} is the public address of this server and that its router forwards the UDP ports 10000-20000 to ${bound}; otherwise: patchcord serve --advertised-address RIGHT.ADDRESS`,
  }));
}

/** One finding, of one party or of both. */
function ofLegs(
  code: 'advertised-address-private' | 'advertised-address-unreached',
  legs: readonly LegView[],
  say: (told: string) => Omit<Said, 'evidence'>,
): readonly Finding[] {
  const [first] = legs;
  if (!first) return [];
  const said = { ...say(first.report.party?.told?.address ?? ''), evidence: legs.flatMap(evidenceOf) };
  return [legs.length > 1 ? ofCall(code, said) : ofParty(code, first, said)];
}

function phonesText(legs: readonly LegView[]): string {
  const [first] = legs;
  return legs.length === 1 && first ? `${first.name}'s phone was` : 'Both phones were';
}

function reportsAlone(leg: LegView): Finding | undefined {
  const reports = leg.facts?.rtcpReports ?? 0;
  if (reports === 0) return undefined;
  return fromParty('sends-no-sound', leg, {
    sentence: `${leg.name}'s phone sends reports (RTCP) but no sound, so ${leg.otherName} heard nothing`,
    mend: 'see whether it is muted, or has no microphone or no right to use it',
    evidence: [...evidenceOf(leg), { name: 'RTCP reports', value: reports, unit: null }],
  });
}

/** Until the party's own sound shows where it is, ours goes to the address in its SDP. */
const UNREACHABLE = ofEachLeg((leg) => {
  const { source, sent, party } = leg.report;
  const promised = leg.facts?.promised;
  if (!leg.call.isAnswered || source !== null || !promised || sent === 0) return undefined;
  const seen = party?.signalingAddress;
  if (seen == null || unreachableAddressOf(leg) === undefined) return undefined;
  return toParty('unreachable-address', leg, {
    sentence: `${leg.name}'s phone asked for sound at the private address ${promised.address}, which cannot be reached from here, and showed no other, so ${leg.name} heard nothing`,
    mend: "switch on STUN, or symmetric RTP, in the phone, so that its own sound opens the NAT's way",
    evidence: [
      textEvidence('address in SDP', placeText(promised)),
      textEvidence('SIP came from', seen),
      packetsEvidence('sent there', sent),
    ],
  });
});

function unreachableAddressOf(leg: LegView): string | undefined {
  const address = leg.facts?.promised?.address;
  const seen = leg.report.party?.signalingAddress;
  if (leg.report.source !== null || address === undefined || seen == null) return undefined;
  return isPrivateAddress(address) && !isPrivateAddress(seen) ? address : undefined;
}

/** All is well behind a NAT, and it is good to know that there is one. */
const BEHIND_NAT = ofEachLeg((leg) => {
  const { source } = leg.report;
  const promised = leg.facts?.promised;
  if (!source || !promised || source.address === promised.address || leg.accepted === 0) return undefined;
  return ofParty('behind-nat', leg, {
    sentence: `${leg.name}'s phone is behind a NAT: it asked for sound at ${promised.address}, and is served at ${source.address}, where its own comes from`,
    evidence: [textEvidence('address in SDP', placeText(promised)), textEvidence('seen', placeText(source))],
  });
});

function evidenceOf({ report, facts, name }: LegView): readonly Evidence[] {
  const { party } = report;
  return [
    packetsEvidence(`received of ${name}`, report.received),
    ...(party?.told ? [textEvidence('told to send to', placeText(party.told))] : []),
    ...(facts?.promised ? [textEvidence('address in its SDP', placeText(facts.promised))] : []),
    ...(party?.signalingAddress ? [textEvidence('SIP came from', party.signalingAddress)] : []),
  ];
}

/** Addresses and firewalls. */
export const ADDRESS_RULES: readonly Rule[] = [NOTHING_ARRIVES, UNREACHABLE, BEHIND_NAT];
