// Interarrival jitter: RFC 3550 §6.4.1 and appendix A.8.

/** The jitter of one source. */
export interface JitterState {
  /** Relative transit time of the last packet, in ticks modulo 2^32; undefined before the first. */
  transit: number | undefined;
  clockRateHz: number;
  /** Smoothed, in timestamp ticks. */
  interarrivalJitter: number;
}

export function createJitterState(clockRateHz: number): JitterState {
  return { transit: undefined, clockRateHz, interarrivalJitter: 0 };
}

/**
 * Takes one packet into the smoothed interarrival jitter (gain 1/16).
 *
 * @param arrivalMs - arrival time, in milliseconds of any steady clock
 * @param timestamp - RTP timestamp of the packet, modulo 2^32
 * @param clockRateHz - of its payload type; a change keeps the jitter, in time, and begins anew
 * @returns jitter in timestamp ticks; times 1000 / clockRateHz for milliseconds
 */
export function updateJitter(
  state: JitterState,
  arrivalMs: number,
  timestamp: number,
  clockRateHz: number,
): number {
  if (clockRateHz !== state.clockRateHz) changeClockRate(state, clockRateHz);
  const arrivalTicks = Math.floor((arrivalMs * clockRateHz) / 1000) % 0x1_0000_0000;
  const transit = (arrivalTicks - timestamp) | 0;
  if (state.transit !== undefined) {
    // Differences modulo 2^32, so that neither clock's wrap shows.
    const difference = Math.abs((transit - state.transit) | 0);
    state.interarrivalJitter += (difference - state.interarrivalJitter) / 16;
  }
  state.transit = transit;
  return state.interarrivalJitter;
}

/** RFC 7160 §4.1: ticks of two clock rates must not be mixed in one difference. */
function changeClockRate(state: JitterState, clockRateHz: number): void {
  state.interarrivalJitter *= clockRateHz / state.clockRateHz;
  state.clockRateHz = clockRateHz;
  state.transit = undefined;
}

export function jitterMs(state: JitterState): number {
  return (state.interarrivalJitter * 1000) / state.clockRateHz;
}

/** Forgets the last packet: after a pause or a restart its transit says nothing. */
export function restartJitter(state: JitterState): void {
  state.transit = undefined;
}
