// A relay on a virtual host, and parties that talk through it with real RTP sessions.
import type { Endpoint, UdpSocket } from '../../../core/index.ts';
import {
  InlineMediaEngine,
  type LegReport,
  type MediaEngineOptions,
  type OpenedLeg,
  type PayloadFormat,
  type RemoteMedia,
  RtpSession,
  type RtpSessionEvent,
} from '../../../media/index.ts';
import { expectEmpty, type Host, type World } from '../../support/index.ts';

export const RELAY = '192.0.2.100';

export const FORMATS: readonly PayloadFormat[] = [
  { payloadType: 0, encoding: 'pcmu', clockRateHz: 8000, channels: 1 },
  { payloadType: 101, encoding: 'telephone-event', clockRateHz: 8000, channels: 1 },
];

/** What SDP would say of a party. */
export function remoteOf(rtp: Endpoint, changes: Partial<RemoteMedia> = {}): RemoteMedia {
  const rtcp = { address: rtp.address, port: rtp.port + 1 };
  return { rtp, rtcp, rtcpMux: false, formats: FORMATS, direction: 'sendrecv', ptimeMs: 20, ...changes };
}

/** Sends a frame every 20 ms while it talks, and keeps what it heard. */
export class Party {
  readonly host: Host;
  readonly session: RtpSession;
  readonly events: RtpSessionEvent[] = [];
  readonly local: Endpoint;
  readonly #rtp: UdpSocket;
  readonly #rtcp: UdpSocket;
  #isTalking = false;
  #isClosed = false;
  #framesLeft = 0;

  static async create(host: Host, port = 4000): Promise<Party> {
    const { address, network } = host;
    const [rtp, rtcp] = [
      await network.bindUdp({ address, port }),
      await network.bindUdp({ address, port: port + 1 }),
    ];
    return new Party(host, rtp, rtcp);
  }

  private constructor(host: Host, rtp: UdpSocket, rtcp: UdpSocket) {
    this.host = host;
    this.local = rtp.local;
    this.#rtp = rtp;
    this.#rtcp = rtcp;
    const { clock, random, name } = host;
    const wallClockOffsetMs = clock.wallClock() - clock.now();
    this.session = new RtpSession({ random, cname: name, wallClockOffsetMs });
    for (const socket of ['rtp', 'rtcp'] as const) {
      const { [socket]: bound } = { rtp, rtcp };
      bound.onDatagram = (bytes, address, sourcePort) => {
        this.session.handleDatagram(clock.now(), bytes, { socket, address, port: sourcePort });
        this.#drain();
      };
    }
  }

  /** Learns of the leg and begins to send: so many frames. */
  talkTo(leg: OpenedLeg, frames = Number.POSITIVE_INFINITY, formats = FORMATS): void {
    this.session.setRemote(
      this.host.clock.now(),
      remoteOf({ address: RELAY, port: leg.rtpPort }, { formats }),
    );
    this.#framesLeft = frames;
    if (this.#isTalking) return;
    this.#isTalking = true;
    this.#beat(this.host.clock.now());
  }

  fallSilent(): void {
    this.#framesLeft = 0;
  }

  /** Extended sequence numbers in the order in which they were heard. */
  get heard(): readonly number[] {
    return this.events.flatMap((event) =>
      event.type === 'frame' ? [event.frame.extendedSequenceNumber] : [],
    );
  }

  /** Hangs up without a word. */
  close(): void {
    this.#isClosed = true;
    this.#rtp.close();
    this.#rtcp.close();
  }

  #beat(at: number): void {
    if (this.#isClosed) return;
    if (this.#framesLeft > 0) {
      this.#framesLeft -= 1;
      this.session.sendFrame(at, new Uint8Array(160), { timestampStep: 160 });
    } else {
      this.session.skipFrame(160);
    }
    if ((this.session.nextTimeoutAt() ?? at + 1) <= at) this.session.handleTimeout(at);
    this.#drain();
    this.host.setTimer(at + 20, () => this.#beat(at + 20));
  }

  #drain(): void {
    for (const { socket, bytes, address, port } of this.session.takeDatagrams()) {
      (socket === 'rtp' ? this.#rtp : this.#rtcp).send(bytes, address, port);
    }
    for (const event of this.session.takeEvents()) {
      // The payload is a view into the datagram.
      if (event.type === 'frame') event.frame.payload.slice();
      this.events.push(event);
    }
  }
}

export interface Stage {
  readonly engine: InlineMediaEngine;
  readonly alice: Party;
  readonly bob: Party;
  readonly legs: { readonly alice: OpenedLeg; readonly bob: OpenedLeg };
  /** Names and payloads of the engine's events, in order. */
  readonly told: {
    readonly name: string;
    readonly legId: number;
    readonly source?: Endpoint;
    readonly digit?: string;
  }[];
  /** Closes everything and fails where something stayed. @returns the last reports */
  end(): Promise<{ readonly alice: LegReport; readonly bob: LegReport }>;
}

/** A connected call between two parties on the hosts; `aliceAt` where SDP promises something else than is true. */
export async function relayedCall(
  world: World,
  options: {
    readonly alice?: Host;
    readonly aliceAt?: Endpoint;
    readonly engine?: MediaEngineOptions;
    /** What each party takes and sends, where it is not {@link FORMATS}. */
    readonly formats?: { readonly alice: readonly PayloadFormat[]; readonly bob: readonly PayloadFormat[] };
  } = {},
): Promise<Stage> {
  const relay = world.host('relay', { addresses: [RELAY] });
  const engine = new InlineMediaEngine(relay, options.engine);
  const told: Stage['told'] = [];
  for (const name of ['inactive', 'sourceLearned', 'sourceRefused', 'digit'] as const) {
    engine.on(name, (payload) => told.push({ name, ...payload }));
  }
  const alice = await Party.create(options.alice ?? world.host('alice', { addresses: ['192.0.2.1'] }));
  const bob = await Party.create(world.host('bob', { addresses: ['192.0.2.2'] }));
  const open = (label: string) => engine.openLeg({ callKey: 'call', localAddress: RELAY, label });
  const legs = { alice: await open('alice'), bob: await open('bob') };
  const { formats = { alice: FORMATS, bob: FORMATS } } = options;
  await engine.setRemote(
    legs.alice.legId,
    remoteOf(options.aliceAt ?? alice.local, { formats: formats.alice }),
  );
  await engine.setRemote(legs.bob.legId, remoteOf(bob.local, { formats: formats.bob }));
  await engine.connect(legs.alice.legId, legs.bob.legId);
  const end = async () => {
    alice.close();
    bob.close();
    const reports = {
      alice: await engine.closeLeg(legs.alice.legId),
      bob: await engine.closeLeg(legs.bob.legId),
    };
    await engine.close();
    await world.runUntilIdle();
    expectEmpty({ ...world.tables(), legs: engine.legCount });
    return reports;
  };
  return { engine, alice, bob, legs, told, end };
}

/** What of the received is not accounted for: zero, always. */
export function unaccounted(report: LegReport): number {
  const discarded = Object.values(report.discarded).reduce((sum, count) => sum + count, 0);
  return report.received - report.forwarded - report.consumed - discarded;
}
