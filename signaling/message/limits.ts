// How large a message may be. A peer that exceeds one of these is refused, never buffered.

/** A whole message; also what fits into a UDP datagram. */
export const MAX_MESSAGE_BYTES = 65_535;

/** Start line and header fields with the empty line behind them. */
export const MAX_HEADER_BYTES = 16_384;

/** Header fields of one message. */
export const MAX_HEADER_FIELDS = 256;
