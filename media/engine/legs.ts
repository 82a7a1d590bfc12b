// The legs of an engine that are open, with the ports that each has.
import { OperationError, type Runtime } from '../../core/index.ts';
import { Leg, type LegListener } from '../leg/index.ts';
import type { PortAllocator } from './port-allocator.ts';
import type { LegReport, OpenedLeg, OpenLegOptions } from './types.ts';

export interface LegsOptions {
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
  readonly ports: PortAllocator;
  readonly inactivityMs: number;
  readonly listener: LegListener;
  /** One for all legs. */
  readonly now: () => number;
}

/** A leg, and what ends it. */
export interface OpenLeg {
  readonly leg: Leg;
  /** Says goodbye, and gives back the ports whatever becomes of that. @returns the last report */
  close(now: number): LegReport;
}

export class Legs {
  readonly #options: LegsOptions;
  readonly #open = new Map<number, OpenLeg>();
  #lastLegId = 0;
  #isClosed = false;

  constructor(options: LegsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#open.size;
  }

  has(legId: number): boolean {
    return this.#open.has(legId);
  }

  /** @throws OperationError `MEDIA_LEG_UNKNOWN` */
  get(legId: number): Leg {
    return this.#find(legId).leg;
  }

  /** @throws OperationError `MEDIA_PORTS_EXHAUSTED`, or `MEDIA_FAILED` where all were taken out meanwhile */
  async open({ localAddress, label }: OpenLegOptions): Promise<OpenedLeg> {
    const { runtime, ports, inactivityMs, listener, now } = this.#options;
    const { rtp, rtcp } = await ports.take(localAddress);
    if (this.#isClosed) {
      rtp.close();
      rtcp.close();
      throw new OperationError('MEDIA_FAILED', 'the media engine was closed');
    }
    const { clock, random } = runtime;
    this.#lastLegId += 1;
    const legId = this.#lastLegId;
    const [ssrc, cname] = [random.uint32(), random.token(16)];
    const wallClockOffsetMs = clock.wallClock() - clock.now();
    const leg = new Leg({
      legId,
      label,
      cname,
      ssrc,
      rtp,
      rtcp,
      random,
      wallClockOffsetMs,
      inactivityMs,
      listener,
      now,
    });
    const rtpPort = rtp.local.port;
    const close = (at: number) => {
      try {
        return leg.close(at);
      } finally {
        ports.give(rtpPort);
      }
    };
    this.#open.set(legId, { leg, close });
    return { legId, rtpPort, rtcpPort: rtcp.local.port, ssrc, cname };
  }

  /** Takes the leg out, for whoever closes it. @throws OperationError `MEDIA_LEG_UNKNOWN` */
  take(legId: number): OpenLeg {
    const open = this.#find(legId);
    this.#open.delete(legId);
    return open;
  }

  /** Takes out all, and opens no more. */
  takeAll(): readonly OpenLeg[] {
    this.#isClosed = true;
    const all = [...this.#open.values()];
    this.#open.clear();
    return all;
  }

  #find(legId: number): OpenLeg {
    const open = this.#open.get(legId);
    if (open) return open;
    throw new OperationError('MEDIA_LEG_UNKNOWN', `there is no leg ${legId}, or it was closed`);
  }
}
