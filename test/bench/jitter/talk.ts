// Who speaks when: an endless monologue with the pauses of a conversation.

/** Mean talk spurt and pause of one party (ITU-T P.59), to the tenth of a second. */
const SPURT_MS = 1000;
const PAUSE_MS = 1600;

/** Speech can be stretched by one pitch period of a low voice a frame, both ways. */
export const SPEECH_STRETCH_MS = 8;

/** @param sentAt - milliseconds since the start of the call */
export function isSilentAt(sentAt: number): boolean {
  return sentAt % (SPURT_MS + PAUSE_MS) >= SPURT_MS;
}
