// Asks a caller for the PIN of a room: three tries, each answer later than the one before.
import { type Runtime, sleep } from '../../core/index.ts';
import type { DigitInbox } from './digit-inbox.ts';
import type { PinGuard } from './pin-guard.ts';
import type { PrivateVoice } from './private-voice.ts';
import type { RoomRole, RoomSettings } from './types.ts';

const MAX_PIN_TRIES = 3;
/** From the beginning of the question to the first digit, and from one digit to the next. */
const FIRST_DIGIT_MS = 15_000;
const NEXT_DIGIT_MS = 5000;
/** An entry that is longer is wrong, however it goes on. */
const LONGEST_PIN = 16;

export interface PinDialogue {
  readonly runtime: Runtime;
  readonly voice: PrivateVoice;
  readonly digits: DigitInbox;
  readonly guard: PinGuard;
  /** Whose wrong PINs these are. */
  readonly user: string;
  /** Aborted when the caller hangs up. */
  readonly signal: AbortSignal;
}

/** @returns the role that the PIN gives; undefined where it was wrong three times, or the caller left */
export async function askPin(
  settings: Pick<RoomSettings, 'pin' | 'moderatorPin'>,
  dialogue: PinDialogue,
): Promise<RoomRole | undefined> {
  const { runtime, voice, digits, guard, user, signal } = dialogue;
  void voice.say('enter-pin');
  for (let tries = 1; !signal.aborted; tries += 1) {
    const entry = await readEntry(settings, digits, voice);
    if (signal.aborted) return undefined;
    const { role, delayMs } = guard.weigh(user, roleOf(entry, settings));
    if (delayMs > 0) await sleep(runtime, delayMs, signal);
    if (signal.aborted) return undefined;
    if (role) return role;
    digits.clear();
    if (tries === MAX_PIN_TRIES) return undefined;
    void voice.say('wrong-pin', 'enter-pin');
  }
  return undefined;
}

/** Which of the two an entry is. Without a PIN for members, no digits at all make a member. */
function roleOf(entry: string, { pin = '', moderatorPin }: RoomPins): RoomRole | undefined {
  if (entry === moderatorPin) return 'moderator';
  return entry === pin ? 'member' : undefined;
}

type RoomPins = Pick<RoomSettings, 'pin' | 'moderatorPin'>;

/** Digits up to the pound sign, a pause, or as many as any PIN has. */
async function readEntry(settings: RoomPins, digits: DigitInbox, voice: PrivateVoice): Promise<string> {
  let entry = '';
  let next = await digits.next(FIRST_DIGIT_MS);
  // Who knows the PIN need not hear the question out.
  voice.stop();
  while (next !== undefined && next !== '#' && entry.length <= LONGEST_PIN) {
    entry += next;
    if (isWhole(entry, settings)) return entry;
    next = await digits.next(NEXT_DIGIT_MS);
  }
  return entry;
}

/** One of the PINs that the other does not go on from: the pound sign need not be waited for. */
function isWhole(entry: string, { pin, moderatorPin }: RoomPins): boolean {
  const pins = [pin, moderatorPin].filter((one) => one !== undefined);
  return pins.includes(entry) && !pins.some((one) => one !== entry && one.startsWith(entry));
}
