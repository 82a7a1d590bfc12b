// Brings the two legs of a call to what their sessions agreed on, each for itself, and lets sound flow between them.
import type { MediaEngine, PayloadFormat } from '../../media/index.ts';
import { inOrderOf, isSameFormat, isSoundFormat } from '../../signaling/index.ts';
import type { PartyMedia } from './party.ts';

/**
 * Both legs get the sound that both parties have in front, in the order of `leader`: the one who answered last chose
 * among what the other offered. Only where they share none is anything transcoded.
 */
export async function connectParties(
  media: MediaEngine,
  leader: PartyMedia,
  other: PartyMedia,
): Promise<void> {
  const [leading, following] = [formatsOf(leader), formatsOf(other)];
  const shared = leading
    .filter(isSoundFormat)
    .filter((format) => following.some((entry) => isSameFormat(entry, format)));
  await leader.apply({
    formats: inOrderOf(leading, shared),
    detectsTones: !takesEvents(leader) && takesEvents(other),
  });
  await other.apply({
    formats: inOrderOf(following, shared),
    detectsTones: !takesEvents(other) && takesEvents(leader),
  });
  await media.connect(leader.legId, other.legId);
}

/** Whether digits reach the party as telephone-events (RFC 4733). */
export function takesEvents(party: PartyMedia): boolean {
  return formatsOf(party).some((format) => format.encoding === 'telephone-event');
}

function formatsOf(party: PartyMedia): readonly PayloadFormat[] {
  return party.agreed?.sendFormats ?? [];
}
