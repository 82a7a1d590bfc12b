// From when on the doctor speaks of it. Each has its source.

/** ITU-T G.114 §4: up to here most conversations are not affected; beyond the second one, planning should not go. */
export const DELAY_RISK_MS = 150;
export const DELAY_FAULT_MS = 400;

/** ITU-T G.1010 table I.1: conversational voice bears less than 3 % of packets lost. */
export const LOSS_FAULT_RATIO = 0.03;
/** Concealment hides single packets; from here on people begin to notice (a rule of thumb of network planners). */
export const LOSS_RISK_RATIO = 0.01;
/** Of so few packets no ratio is made: 2 s at 20 ms. */
export const ENOUGH_PACKETS = 100;
/** Bursts of RFC 3611 §4.7.2 that are denser are no accident of single losses: those make 0.25, seldom 0.3, of enough. */
export const BURSTY_DENSITY = 0.4;
/** Of fewer lost packets two side by side would pass for a burst. */
export const ENOUGH_LOST = 15;

/** ITU-T Y.1541 table 1, classes 0 and 1: delay variation of up to 50 ms. */
export const JITTER_FAULT_MS = 50;
/** Fixed buffers of 60 ms, which many phones have, begin to run dry. */
export const JITTER_RISK_MS = 30;
/** A queue that fills and drains shows in the round trip. */
export const ROUND_TRIP_SWING_MS = 150;

/** Crystals of phones keep 100 ppm; sound cards of PCs are often worse. */
export const DRIFT_RISK_PPM = 150;
/** A frame of 20 ms too many or too few every minute: heard as a click or a gap by who cannot stretch. */
export const DRIFT_FAULT_PPM = 330;

/** ITU-T G.107 annex B: below R 70, MOS 3.6, some users are dissatisfied. */
export const GOOD_MOS = 3.6;

/** ITU-T G.107 §7.4: what echo takes of R, by the same annex's steps of 10 (a class of satisfaction). */
export const ECHO_RISK_R = 5;
export const ECHO_FAULT_R = 10;

/** Packets overtaken or doubled, of all. */
export const DISORDER_RISK_RATIO = 0.02;

/** A conversation that is shorter says nothing: latching alone takes 200 ms. */
export const SHORTEST_TALK_MS = 1500;
/** RTCP of a phone is due within 5 s (RFC 3550 §6.2) and often twice of that. */
export const RTCP_DUE_MS = 12_000;
/** Packets of one kind that matter: half a second of 20 ms. */
export const SOME_PACKETS = 25;
/** Silence at the end that is no pause: comfort noise comes more often (RFC 3389 §4 leaves it open; phones: under 1 s). */
export const SILENT_END_MS = 5000;
