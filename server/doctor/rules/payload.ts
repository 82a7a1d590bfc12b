// Packets that came, and could not be used: of a codec that was not agreed on, or of none at all.
import type { LegView } from '../call-view.ts';
import { fromParty } from '../finding.ts';
import { SOME_PACKETS } from '../thresholds.ts';
import type { Finding } from '../types.ts';
import { formatText, packetsEvidence, payloadTypeText, textEvidence } from '../words.ts';
import { ofEachLeg, type Rule } from './rule.ts';

/** So much of what came is sound, and no digits or comfort noise beside it. */
const MUCH = 0.2;
/** RFC 4733 §2.5.1.4: the end of a digit alone is three packets. */
const ONE_DIGIT = 3;
/** RFC 3551 §3: those above are numbered by each call for itself. */
const FIRST_DYNAMIC = 96;
/** RFC 3389 §4. */
const COMFORT_NOISE = 13;

const NOT_AGREED = ofEachLeg((leg) => {
  const refused = leg.refused('wrong-payload-type');
  if (refused === 0) return undefined;
  const strange = (leg.facts?.payloadTypes ?? [])
    .filter(({ isNegotiated, payloadType }) => !isNegotiated && payloadType !== COMFORT_NOISE)
    .toSorted((a, b) => b.packets - a.packets);
  if (isMuch(leg, refused)) return codecNotAgreed(leg, refused, strange);
  const [most] = strange;
  if (!most || most.payloadType < FIRST_DYNAMIC || most.packets < ONE_DIGIT) return undefined;
  return digitsNotAgreed(leg, most);
});

interface Strange {
  readonly payloadType: number;
  readonly packets: number;
}

function codecNotAgreed(leg: LegView, refused: number, strange: readonly Strange[]): Finding | undefined {
  const [most] = strange;
  const came = most ? ` ${payloadTypeText(most.payloadType)}` : 's';
  if (leg.facts && !most) return undefined;
  return fromParty('codec-not-agreed', leg, {
    sentence: `${leg.name}'s phone sends the payload type${came}, which was not agreed on, so ${leg.otherName} did not hear it`,
    mend: `agreed were ${agreedText(leg)}: set the phone to one of these codecs alone, or update it`,
    evidence: [
      packetsEvidence('refused', refused),
      packetsEvidence('taken', leg.accepted),
      ...strange.map(({ payloadType, packets }) =>
        packetsEvidence(`payload type ${payloadTypeText(payloadType)}`, packets),
      ),
    ],
  });
}

function digitsNotAgreed(leg: LegView, { payloadType, packets }: Strange): Finding {
  return fromParty('digits-not-agreed', leg, {
    sentence: `${leg.name}'s phone sent ${packets} packets of the payload type ${payloadType}, which was not agreed on, beside its sound: most likely digits, and they were lost`,
    mend: `set the payload type of its DTMF (RFC 2833/4733) to ${eventText(leg)}`,
    evidence: [
      packetsEvidence(`payload type ${payloadType}`, packets),
      textEvidence('agreed', agreedText(leg)),
    ],
  });
}

function agreedText({ facts }: LegView): string {
  return facts?.receiveFormats.map(formatText).join(', ') || 'others';
}

function eventText({ facts }: LegView): string {
  const event = facts?.receiveFormats.find(({ encoding }) => encoding === 'telephone-event');
  return event ? `${event.payloadType}, as agreed` : '101, and switch telephone-event on in its codecs';
}

const NOT_CONVERTIBLE = ofEachLeg((leg) => {
  const [foreign, missing] = [leg.refused('peer-format'), leg.refused('no-codec')];
  const { other } = leg;
  if (isMuch(leg, missing)) {
    return fromParty('codec-missing', leg, {
      sentence: `What ${leg.name} said could not be converted for ${leg.otherName}: a codec did not load`,
      mend: 'look for "codec" in the log of the server; media.codecs in patchcord.yaml chooses others',
      evidence: [packetsEvidence('not converted', missing)],
    });
  }
  if (!isMuch(leg, foreign)) return undefined;
  return fromParty('not-convertible', leg, {
    sentence: `${leg.name}'s phone sends a codec that ${leg.otherName}'s has not and that is not converted, so ${leg.otherName} did not hear it`,
    mend: 'switch PCMU or PCMA (G.711) on in both phones, and leave media.transcoding on in patchcord.yaml',
    evidence: [
      packetsEvidence('not passed on', foreign),
      textEvidence(`agreed with ${leg.name}`, agreedText(leg)),
      ...(other?.facts
        ? [textEvidence(`taken by ${other.name}`, other.facts.sendFormats.map(formatText).join(', '))]
        : []),
    ],
  });
});

const NOT_RTP = ofEachLeg((leg) => {
  const [malformed, other, stun] = [leg.refused('malformed'), leg.refused('not-media'), leg.refused('stun')];
  if (leg.accepted > 0 || malformed + other + stun < ONE_DIGIT) return undefined;
  // Of what came, something else explains the rest.
  if (malformed + other + stun < MUCH * leg.report.received) return undefined;
  const isIce = stun > malformed + other;
  return fromParty('not-rtp', leg, {
    sentence: isIce
      ? `${leg.name}'s phone sends checks of the way (ICE) and no sound, so ${leg.otherName} heard nothing`
      : `What came from ${leg.name}'s phone is no sound that is known (RTP): perhaps it is encrypted (DTLS, ZRTP)`,
    mend: isIce
      ? 'switch ICE off in the phone: this server does not answer it'
      : 'switch encryption of sound off in the phone',
    evidence: [packetsEvidence('malformed', malformed + other), packetsEvidence('STUN', stun)],
  });
});

const BAD_NUMBERING = ofEachLeg((leg) => {
  const jumps = leg.refused('bad-sequence');
  if (!isMuch(leg, jumps)) return undefined;
  return fromParty('bad-numbering', leg, {
    sentence: `The numbers of ${leg.name}'s packets jump about, and ${jumps} of them were dropped`,
    mend: 'two programs send to one port under one name (SSRC), or the phone is faulty: restart or update it',
    evidence: [packetsEvidence('dropped', jumps), packetsEvidence('taken', leg.accepted)],
  });
});

function isMuch(leg: LegView, packets: number): boolean {
  return packets >= SOME_PACKETS && packets >= MUCH * leg.report.received;
}

/** What came, and was of no use. */
export const PAYLOAD_RULES: readonly Rule[] = [NOT_AGREED, NOT_CONVERTIBLE, NOT_RTP, BAD_NUMBERING];
