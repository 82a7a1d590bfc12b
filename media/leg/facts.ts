// What a leg saw of its party besides quality: the evidence of `patchcord doctor`. Plain data.
import type { Endpoint } from '../../core/index.ts';
import type { Direction, PayloadFormat } from '../engine/types.ts';
import type { LegIceFacts } from './leg-ice.ts';

/** Kept with the leg's report, and with the call's record. */
export interface LegFacts {
  /** Where SDP asked us to send to, as last agreed on; null before that. */
  readonly promised: Endpoint | null;
  /** Who else sent to the port, at most four, and how much in all. */
  readonly refusedSources: readonly Endpoint[];
  /** As last agreed on, as we see it. */
  readonly direction: Direction | null;
  /** How long the party agreed not to send, and not to hear, since the first agreement. */
  readonly noReceiveMs: number;
  readonly noSendMs: number;
  /** Since the leg was opened. */
  readonly openMs: number;
  /** What the party takes, and what it may send, as last agreed on. */
  readonly sendFormats: readonly PayloadFormat[];
  readonly receiveFormats: readonly PayloadFormat[];
  /** Payload types that came, negotiated or not, at most eight, with their packets. */
  readonly payloadTypes: readonly {
    readonly payloadType: number;
    readonly packets: number;
    readonly isNegotiated: boolean;
  }[];
  /** Of the sender's clock against ours: positive where it is fast; null where there was too little to tell. */
  readonly clockDriftPpm: number | null;
  /** Digits that were understood. */
  readonly digits: number;
  /** When, since the leg was opened, the first and the last packet in order came; null where none did. */
  readonly firstPacketMs: number | null;
  readonly lastPacketMs: number | null;
  /** Packets that came behind a later one: reordered, or doubled. */
  readonly overtaken: number;
  /** Reports that the party sent by RTCP, and how many of them could not be true. */
  readonly rtcpReports: number;
  readonly rtcpLies: number;
  /** What ICE did at the leg; null without it, and not given in records of before. */
  readonly ice?: LegIceFacts | null;
}
