// Which formats one leg is offered, or answered, where the server stands between two parties and can transcode.
import { isSameFormat, isSoundFormat } from './formats.ts';
import { commonFormats } from './offer-answer.ts';
import { isRedundancy, settleRedundancy } from './redundancy.ts';
import type { PayloadFormat } from './types.ts';

/** RFC 3551 §6: those whose meaning each session sets for itself. */
const DYNAMIC_PAYLOAD_TYPES: readonly number[] = Array.from({ length: 32 }, (_, index) => 96 + index);

/**
 * What to offer to one party for the other: the other's formats in their order, so that nothing need be transcoded;
 * then ours that the other lacks, where there is something to transcode.
 *
 * @param known - formats that the party's session has or had: they keep their payload types (RFC 3264 §8.3.2)
 */
export function formatsToOffer(
  other: readonly PayloadFormat[],
  transcodable: readonly PayloadFormat[],
  known: readonly PayloadFormat[],
): readonly PayloadFormat[] {
  const passed = relayable(other, transcodable);
  const ours = isConvertible(passed, transcodable) ? transcodable : transcodable.filter(isEvents);
  const lacking = ours.filter((format) => !passed.some((entry) => isSameFormat(entry, format)));
  return settleRedundancy(withKnownPayloadTypes(soundFirst([...passed, ...lacking]), known));
}

/**
 * What to answer to the offer of one party: first what the other party has too, in the other's order, then what we
 * can transcode. Payload types are those of the offer.
 *
 * @returns none where there is no sound among them
 */
export function formatsToAnswer(
  offered: readonly PayloadFormat[],
  other: readonly PayloadFormat[],
  transcodable: readonly PayloadFormat[],
): readonly PayloadFormat[] {
  // Digits are converted between clocks as sound is between codecs.
  const events = transcodable.length > 0 ? offered.filter(isEvents) : [];
  const common = commonFormats(offered, [...relayable(other, transcodable), ...transcodable, ...events]);
  return common.some(isSoundFormat) ? settleRedundancy(soundFirst(inOrderOf(common, other))) : [];
}

/** Whether there is sound that we can make another one of: none of ours may be answered to the sound of others alone. */
function isConvertible(other: readonly PayloadFormat[], transcodable: readonly PayloadFormat[]): boolean {
  const sounds = other.filter(isSoundFormat);
  return sounds.length === 0 || sounds.some((sound) => transcodable.some((own) => isSameFormat(own, sound)));
}

/** What may pass untouched. The copies of a leg end at the server, where it can read what they repeat. */
function relayable(
  other: readonly PayloadFormat[],
  transcodable: readonly PayloadFormat[],
): readonly PayloadFormat[] {
  return transcodable.length > 0 ? other.filter((format) => !isRedundancy(format)) : other;
}

/** The same formats, those of `order` first and as it has them. */
export function inOrderOf(
  formats: readonly PayloadFormat[],
  order: readonly PayloadFormat[],
): readonly PayloadFormat[] {
  const rank = (format: PayloadFormat) => {
    const index = order.findIndex((entry) => isSameFormat(entry, format));
    return index < 0 ? order.length : index;
  };
  return formats.toSorted((a, b) => rank(a) - rank(b));
}

function isEvents(format: PayloadFormat): boolean {
  return format.encoding === 'telephone-event';
}

function soundFirst(formats: readonly PayloadFormat[]): readonly PayloadFormat[] {
  return formats.toSorted((a, b) => Number(isSoundFormat(b)) - Number(isSoundFormat(a)));
}

/**
 * Gives each format a payload type of its own; one for which none is left is left out.
 *
 * @param known - formats that the session has or had: no payload type of theirs comes to mean another (RFC 3264 §8.3.2)
 */
export function withKnownPayloadTypes(
  formats: readonly PayloadFormat[],
  known: readonly PayloadFormat[],
): readonly PayloadFormat[] {
  const taken = new Set<number>();
  return formats.flatMap((format) => {
    const payloadType = payloadTypesFor(format, known).find((candidate) => !taken.has(candidate));
    if (payloadType === undefined) return [];
    taken.add(payloadType);
    return [{ ...format, payloadType }];
  });
}

/** In order of preference: those by which the session knows the format, its own, and any other. */
function payloadTypesFor(format: PayloadFormat, known: readonly PayloadFormat[]): readonly number[] {
  const own = format.payloadType;
  const names = known.filter((entry) => isSameFormat(entry, format)).map((entry) => entry.payloadType);
  const used = new Set(known.map((entry) => entry.payloadType));
  return [
    ...names.toSorted((a, b) => Number(b === own) - Number(a === own)),
    ...[own, ...DYNAMIC_PAYLOAD_TYPES].filter((candidate) => !used.has(candidate)),
  ];
}
