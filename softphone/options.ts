// What a softphone is made from.
import type { Runtime } from '../core/index.ts';
import type { CodecName, OpusEngine } from '../media/index.ts';
import type { TurnService } from '../nat/index.ts';
import type { AccountOptions, PhoneTransport } from './account.ts';
import type { MakeSink, MakeSource } from './audio/sound-options.ts';
import type { StunServer } from './ice-servers.ts';
import type { Redundancy } from './negotiation.ts';

/**
 * How calls find their path (RFC 8445): `auto` offers ICE to everybody; `relay` takes no path but through a TURN server,
 * so that the far end learns no address of ours; `off` sends to where the far end's description says.
 */
export type IceUse = 'auto' | 'relay' | 'off';

/**
 * Calls that are secured end to end (DTLS-SRTP): `auto` places them so, and again without where the far end or the
 * server refuses (488); `required` neither places nor takes any other; `off` refuses them. They find their paths by
 * themselves: where `ice` is another than `auto` they are refused, and cannot be placed.
 */
export type SecureUse = 'auto' | 'required' | 'off';

/** Everything has a default: without any option the phone calls and is called directly. */
export interface SoftphoneOptions {
  /** With an account, calls go through its server; `register` makes the phone reachable there. */
  readonly account?: AccountOptions;
  /** `udp` where not given. */
  readonly transport?: PhoneTransport;
  /** Numeric address to listen on; that from which the server is reached, or every interface, where not given. */
  readonly localAddress?: string;
  /** SIP port to listen on; any free one where not given. */
  readonly localPort?: number;
  /** In the order of preference; all where not given. */
  readonly codecs?: readonly CodecName[];
  /** Whether Opus is asked for, sent and heard in stereo: where people are in a spatial room, for instance. */
  readonly isStereo?: boolean;
  /** Copies of sound for a far end that loses packets (RFC 2198); `auto` where not given. */
  readonly redundancy?: Redundancy;
  /** `auto` where not given. */
  readonly ice?: IceUse;
  /** Asked for our address outside of a NAT; the account's server where not given. */
  readonly stunServer?: StunServer;
  /** Relays besides those that the account's server gives. */
  readonly turnServers?: readonly TurnService[];
  /** Where not given, calls are placed without, and taken either way. */
  readonly secure?: SecureUse;
  /** `libopus-wasm` where not given. */
  readonly opusEngine?: OpusEngine;
  /** What the far end hears; silence where not given. */
  readonly makeSource?: MakeSource;
  /** Where the sound of the far end goes; nowhere where not given. */
  readonly makeSink?: MakeSink;
  /** The far end hears itself instead of the source. */
  readonly isEcho?: boolean;
  /** Whether the account's server is told of the quality of each call at its end (RFC 6035); true where not given. */
  readonly reportsQuality?: boolean;
  /** Calls at once; more are refused with 486. {@link MOST_CALLS} where not given. */
  readonly maxCalls?: number;
  /** The real world where not given. */
  readonly runtime?: Runtime;
}

/** Where a phone without an account is looked for (RFC 3261 §19.1.2): to be asked for by those that wait for calls. */
export const DIRECT_PORT = 5060;

export const MOST_CALLS = 16;
