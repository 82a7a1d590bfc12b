// Phones whose clocks are their own, and where in a recording one finds what they said.
import { expect } from 'vitest';
import type { UdpSocket } from '../../../core/index.ts';
import { LONG_WAV_HEADER_BYTES } from '../../../media/audio/index.ts';
import { encodeG711, muLaw } from '../../../media/codec/g711.ts';
import type { InlineMediaEngine, OpenedLeg } from '../../../media/index.ts';
import { encodeRtp } from '../../../media/rtp/index.ts';
import { type Host, makeTone, type World } from '../../support/index.ts';
import { BLOCK_BYTES, type SparseFile } from '../../support/memory-recordings.ts';
import { RELAY, remoteOf } from './stage.ts';
import { FORMATS } from './tone-party.ts';

const { pcmu } = FORMATS;
const RATE_HZ = 48_000;

/** A phone whose clock is its own: it says a pip now and then, and silence between. */
export interface Clockwork {
  readonly name: string;
  /** How much faster than ours its clock is. */
  readonly ppm: number;
  /** How often there is a packet of silence between the pips; never where not given. */
  readonly silenceMs?: number;
  /** Takes another SSRC and jumps in timestamps and numbers with each pip. */
  readonly isWild?: boolean;
  /** Of its way to us, on top of 20 ms. */
  readonly jitterMs?: number;
}

/** The loud part of a pip; a soft one follows, so that neither its head nor its tail decides where it is. */
const PIP_MS = 160;
const PIP = Int16Array.from(
  [-12, -32].flatMap((levelDbov) => [
    ...makeTone({ frequencyHz: 1000, clockRateHz: 8000, durationMs: PIP_MS, levelDbov }),
  ]),
);
/** Between the two. */
const LOUD = 4000;
const PIP_FRAMES = Array.from({ length: PIP.length / 160 }, (_, i) =>
  encodeG711(muLaw, PIP.subarray(i * 160, (i + 1) * 160)),
);
const SILENCE = encodeG711(muLaw, new Int16Array(160));

/** Whoever opens it closes it. */
export class Pipper {
  /** When each pip began, on the world's clock. */
  readonly said: number[] = [];
  readonly legId: number;
  readonly #host: Host;
  readonly #port: number;
  readonly #clockwork: Clockwork;
  readonly #rtp: UdpSocket;
  readonly #startedAt: number;
  #ssrc = 1;
  #number = 0;
  #cancel: () => void = () => {};

  /** @param enter - where its leg goes */
  static async open(
    world: World,
    engine: InlineMediaEngine,
    clockwork: Clockwork,
    enter: (legId: number) => Promise<void>,
  ): Promise<Pipper> {
    const { name, jitterMs = 0 } = clockwork;
    const address = `198.51.100.${world.hosts.length + 1}`;
    const host = world.host(name, { addresses: [address] });
    world.link(name, 'relay', { delayMs: 20, jitterMs });
    const rtp = await host.network.bindUdp({ address, port: 4000 });
    const leg = await engine.openLeg({ callKey: 'call', localAddress: RELAY, label: name });
    await world.hold(engine.setRemote(leg.legId, remoteOf(rtp.local, { formats: [pcmu] })));
    await world.hold(enter(leg.legId));
    return new Pipper(host, leg, rtp, clockwork);
  }

  private constructor(host: Host, leg: OpenedLeg, rtp: UdpSocket, clockwork: Clockwork) {
    this.legId = leg.legId;
    this.#port = leg.rtpPort;
    this.#host = host;
    this.#clockwork = clockwork;
    this.#rtp = rtp;
    this.#startedAt = host.clock.now();
    if (clockwork.silenceMs !== undefined) this.#say(0, []);
  }

  pip(): void {
    const frame = Math.ceil((this.#host.clock.now() - this.#startedAt) / this.#frameMs);
    if (this.#clockwork.isWild) {
      this.#ssrc += 1;
      this.#number += 12_345;
    }
    this.said.push(this.#timeOf(frame));
    this.#sayAt(frame, [...PIP_FRAMES]);
  }

  close(): void {
    this.#cancel();
    this.#rtp.close();
  }

  get #frameMs(): number {
    return 20 / (1 + this.#clockwork.ppm / 1e6);
  }

  #timeOf(frame: number): number {
    return this.#startedAt + frame * this.#frameMs;
  }

  #sayAt(frame: number, payloads: Uint8Array[]): void {
    this.#cancel();
    this.#cancel = this.#host.setTimer(this.#timeOf(frame), () => this.#say(frame, payloads));
  }

  #say(frame: number, payloads: Uint8Array[]): void {
    const { silenceMs } = this.#clockwork;
    this.#send(frame, payloads.shift() ?? SILENCE);
    if (payloads.length > 0) this.#sayAt(frame + 1, payloads);
    else if (silenceMs !== undefined) this.#sayAt(frame + silenceMs / 20, payloads);
  }

  #send(frame: number, payload: Uint8Array): void {
    const timestamp = (frame * 160 + (this.#ssrc - 1) * 1_234_567_890) >>> 0;
    const sequenceNumber = this.#number & 0xffff;
    const fields = { payloadType: 0, marker: false, sequenceNumber, timestamp, ssrc: this.#ssrc };
    this.#rtp.send(encodeRtp(fields, payload), RELAY, this.#port);
    this.#number += 1;
  }
}

export interface Spurt {
  readonly startMs: number;
  endMs: number;
}

/** Where sound begins and ends between silences in a mono file. */
export function spurtsIn({ blocks }: SparseFile): readonly Spurt[] {
  const spurts: Spurt[] = [];
  for (const number of [...blocks.keys()].toSorted((a, b) => a - b)) {
    const samples = new Int16Array((blocks.get(number) ?? new Uint8Array()).buffer);
    const start = (number * BLOCK_BYTES - LONG_WAV_HEADER_BYTES) / 2;
    for (let i = 0; i < samples.length; i += 1) {
      const at = start + i;
      if (at < 0 || Math.abs(samples[i] ?? 0) < LOUD) continue;
      const ms = (at * 1000) / RATE_HZ;
      const last = spurts.at(-1);
      if (last && ms - last.endMs < 1000) last.endMs = ms;
      else spurts.push({ startMs: ms, endMs: ms });
    }
  }
  return spurts;
}

/** How late each pip is in its track, in milliseconds from when it was said. */
export function latenessIn(file: SparseFile, { said }: Pipper, startedAt: number): readonly number[] {
  const spurts = spurtsIn(file);
  expect(spurts).toHaveLength(said.length);
  return spurts.map(({ startMs, endMs }, i) => {
    const saidMs = (said[i] ?? 0) - startedAt;
    // Where the room or jitter cut its head off, or made up for its end, the other end tells.
    return Math.min(startMs - saidMs, endMs - saidMs - PIP_MS);
  });
}

export function expectAligned(lateness: readonly (readonly number[])[]): void {
  const all = lateness.flat();
  const told = lateness.map((times) => times.map((ms) => ms.toFixed(1)).join(' ')).join('\n');
  expect(Math.max(...all) - Math.min(...all), told).toBeLessThanOrEqual(20);
}
