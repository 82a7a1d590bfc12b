// What a command tells its shell about a call.
import type { CallReport, DirectionReport } from './types.ts';

export const EXIT_GOOD = 0;
export const EXIT_CALL_FAILED = 1;
export const EXIT_USAGE = 2;
export const EXIT_BELOW_MIN_MOS = 3;
export const EXIT_NO_SOUND = 4;

export type ExitStatus = 0 | 1 | 2 | 3 | 4;

/** Below this level there is nothing but digital silence: the rounding of a codec at most. */
export const NO_SOUND_DBOV = -80;

/** A call that was silent for so long at its end has lost its sound: what came before may have been as good as it likes. */
export const SOUND_STOPPED_MS = 5000;

/**
 * The exit status of one call: the worst thing that can be said of it, a failed call first.
 *
 * @param minMos - lowest MOS-CQ (MOS-LQ where the delay is not known) that is good enough, for each direction
 */
export function exitStatusOf(report: CallReport, minMos?: number): ExitStatus {
  if (!report.isAnswered || hasBrokenOff(report)) return EXIT_CALL_FAILED;
  if (!hasSound(report)) return EXIT_NO_SOUND;
  if (minMos !== undefined && !isGoodEnough(report, minMos)) return EXIT_BELOW_MIN_MOS;
  // A full disk: the person has something to mend.
  return report.recordingFailure === null ? EXIT_GOOD : EXIT_USAGE;
}

/** Neither side hung up: something failed here, or the far end was gone. */
function hasBrokenOff({ failure, endedBy }: CallReport): boolean {
  return failure !== null || (endedBy !== null && endedBy !== 'local' && endedBy !== 'remote');
}

/** The exit status of several calls: that of the worst. */
export function worstExitStatus(statuses: readonly ExitStatus[]): ExitStatus {
  const order: readonly ExitStatus[] = [EXIT_CALL_FAILED, EXIT_NO_SOUND, EXIT_BELOW_MIN_MOS, EXIT_USAGE];
  return order.find((status) => statuses.includes(status)) ?? EXIT_GOOD;
}

function hasSound({ inbound }: CallReport): boolean {
  return inbound.packets > 0 && inbound.levelDbov !== null && inbound.levelDbov > NO_SOUND_DBOV;
}

/** What we heard must have been measured; what the far end heard counts where it said so. */
function isGoodEnough({ inbound, outbound, silentTailMs }: CallReport, minMos: number): boolean {
  if (silentTailMs >= SOUND_STOPPED_MS) return false;
  const here = mosOf(inbound);
  const there = mosOf(outbound);
  return here !== null && here >= minMos && (there === null || there >= minMos);
}

/** A call too short for its round trip to be known has the quality of listening alone. */
function mosOf({ mosCq, mosLq }: DirectionReport): number | null {
  return mosCq ?? mosLq;
}
