// What a leg is made with, and whom it tells.
import type { Endpoint, Random, UdpSocket } from '../../core/index.ts';
import type { Leg } from './leg.ts';

/** What a leg tells the engine. */
export interface LegListener {
  legInactive(leg: Leg): void;
  legLearned(leg: Leg, source: Endpoint): void;
  legRefused(leg: Leg, source: Endpoint): void;
  legDigit(leg: Leg, digit: { readonly digit: string; readonly durationMs: number }): void;
  /** The leg's deadline may have moved nearer. */
  legRearmed(leg: Leg): void;
  /** We are wrong somewhere: this leg is at its end, and no other. */
  legFailed(leg: Leg, error: unknown): void;
}

/** What a leg is made with. */
export interface LegOptions {
  readonly legId: number;
  readonly label: string;
  readonly cname: string;
  readonly ssrc: number;
  readonly rtp: UdpSocket;
  readonly rtcp: UdpSocket;
  readonly random: Random;
  readonly wallClockOffsetMs: number;
  readonly inactivityMs: number;
  readonly listener: LegListener;
  now(): number;
}
