// Times and words that sessions share.

/** RFC 3261 §17.1.1.1, in milliseconds. */
export const T1 = 500;
export const T2 = 4000;

/** RFC 3261 §13.3.1.4, RFC 3262 §3: how long a 2xx or reliable provisional is repeated. */
export const GIVE_UP_MS = 64 * T1;

/** What sessions of ours understand; also the answer to OPTIONS. */
export const ALLOW = 'INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK, INFO, MESSAGE, NOTIFY, REFER';

/** Option tags that sessions understand (RFC 3262, RFC 4028). */
export const SUPPORTED_OPTIONS: readonly string[] = ['100rel', 'timer'];

/** The media type of offers and answers. */
export const SDP_TYPE = 'application/sdp';

/** Early dialogs of one INVITE; what a forking proxy makes beyond is ignored, and we make no more ourselves. */
export const MAX_FORKS = 16;

/** Of a peer that DNS does not know (RFC 3263). */
export const NO_ADDRESS = 'the name of the peer has no address; check it, and that DNS works here';
