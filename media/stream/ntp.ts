// NTP time (RFC 3550 §4): seconds since 1900 and their fraction, 32 bits each.

const SECONDS_1900_TO_1970 = 2_208_988_800;

export function ntpSeconds(wallClockMs: number): number {
  // Modulo 2^32: the next era begins in 2036.
  return (Math.floor(wallClockMs / 1000) + SECONDS_1900_TO_1970) % 0x1_0000_0000;
}

export function ntpFraction(wallClockMs: number): number {
  const fraction = wallClockMs / 1000 - Math.floor(wallClockMs / 1000);
  return Math.floor(fraction * 0x1_0000_0000) >>> 0;
}

/** The middle 32 bits, as LSR has them. */
export function middleNtp(wallClockMs: number): number {
  return middleNtpOf({ ntpSeconds: ntpSeconds(wallClockMs), ntpFraction: ntpFraction(wallClockMs) });
}

/** Of a time that somebody else told (RFC 3550 §6.4.1, RFC 3611 §4.5). */
export function middleNtpOf(time: { readonly ntpSeconds: number; readonly ntpFraction: number }): number {
  return (((time.ntpSeconds & 0xffff) << 16) | (time.ntpFraction >>> 16)) >>> 0;
}
