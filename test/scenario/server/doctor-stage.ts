// Calls that go wrong in one way, for the doctor: phones that talk at their own pace, and whatever is between.
import { expect } from 'vitest';
import { type CodecName, ToneSource } from '../../../media/index.ts';
import { type CallRecord, diagnose } from '../../../server/index.ts';
import type { IncomingSession, OutgoingSession } from '../../../signaling/index.ts';
import {
  MemorySink,
  type PhoneCall,
  type Softphone,
  type SoftphoneOptions,
} from '../../../softphone/index.ts';
import { answeredCall } from '../../support/answered-call.ts';
import { dropWhere, type LossModel, type Nat, type Packet, type World } from '../../support/index.ts';
import { type PhoneSystem, type PhoneSystemOptions, startPhoneSystem } from '../../support/phone-system.ts';
import { mediaAddress, type TestPhone, watchSession } from '../../support/test-phone.ts';

export const EVENTS = '101 telephone-event/8000';
export const WITH_EVENTS = ['0', EVENTS];
const PACKET_MS = 20;

/** The hosts of the two phones. */
export const ALICE_HOST = 'alice-10';
export const BOB_HOST = 'bob-11';

interface Place {
  readonly address: string;
  readonly port: number;
}

/** A phone that sends a packet every so often. */
export class Talker {
  readonly phone: TestPhone;
  /** Where the server wants its sound. */
  readonly to: Place;
  intervalMs: number = PACKET_MS;
  #cancel: (() => void) | undefined;
  #at = 0;

  constructor(phone: TestPhone, to: Place) {
    this.phone = phone;
    this.to = to;
  }

  start(): this {
    this.#at = this.phone.host.clock.now();
    this.#next();
    return this;
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #next(): void {
    this.phone.speak(this.to, 0x55);
    this.#at += this.intervalMs;
    this.#cancel = this.phone.host.setTimer(this.#at, () => this.#next());
  }
}

/** Alice has called Bob, and he has answered. */
export interface Stage {
  readonly world: World;
  readonly system: PhoneSystem;
  readonly alice: Talker;
  readonly bob: Talker;
  readonly call: OutgoingSession;
  readonly incoming: IncomingSession;
  /** Bob's, where he is behind one. */
  readonly nat: Nat | undefined;
}

export interface StageOptions extends Omit<PhoneSystemOptions, 'users'> {
  /** Of both phones, unless one has its own. */
  readonly formats?: readonly string[];
  readonly bobFormats?: readonly string[];
  readonly isBobBehindNat?: boolean;
  /** What Bob answers with. */
  readonly bobDirection?: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
}

export async function startCall(world: World, options: StageOptions = {}): Promise<Stage> {
  const { formats = WITH_EVENTS, bobFormats = formats, isBobBehindNat, bobDirection, ...rest } = options;
  const system = await startPhoneSystem(world, { users: { alice: {}, bob: {} }, ...rest });
  const [alice] = await system.phones('alice');
  const nat = isBobBehindNat ? world.nat('home', { externalAddress: '203.0.113.1' }) : undefined;
  const [bob] = nat
    ? [await system.phoneAt('bob', { addresses: ['192.168.1.2'], behind: nat })]
    : await system.phones('bob');
  alice.formats = formats;
  bob.formats = bobFormats;
  bob.onCall = (session) => session.accept({ sdp: bob.sdp(bobDirection) });
  const call = alice.call('bob');
  const log = watchSession(call);
  await world.runUntil(() => log.accepted.length > 0 && bob.incoming.length > 0, { what: 'the answer' });
  await world.run(100);
  const [incoming] = bob.incoming;
  if (!incoming) throw new Error('bob was not called');
  return {
    world,
    system,
    call,
    incoming,
    nat,
    alice: new Talker(alice, mediaAddress(log.accepted[0]?.sdp)),
    bob: new Talker(bob, mediaAddress(incoming.offerSdp)),
  };
}

/** Both talk for so long. */
export async function talk({ world, alice, bob }: Stage, durationMs: number): Promise<void> {
  alice.start();
  bob.start();
  await world.run(durationMs);
  alice.stop();
  bob.stop();
  // What is under way arrives.
  await world.run(300);
}

/** Alice hangs up, and nothing is left. @returns the record */
export async function hangUp({ world, system, call }: Stage): Promise<CallRecord> {
  heal(world);
  call.end();
  const record = await system.recordOf('alice');
  await system.expectQuiet();
  if (!record) throw new Error('the call has no record');
  return record;
}

/** From now on all arrives: it is the sound that was to suffer, and not the BYE. */
function heal(world: World): void {
  for (const host of [ALICE_HOST, BOB_HOST]) world.link(host, 'server', {});
}

/** What the doctor must say first, and of what it must say nothing else. */
export function expectFinding(record: CallRecord, code: string): void {
  const { findings, verdict } = diagnose(record);
  const told = findings
    .map((finding) => `${finding.severity} ${finding.code}: ${finding.sentence}`)
    .join('\n');
  expect(findings[0]?.code, told).toBe(code);
  const others = findings.filter((finding) => finding.severity !== 'note' && finding.code !== code);
  expect(others, told).toEqual([]);
  expect(verdict, told).not.toBe('well');
}

/** The doctor finds nothing wrong; notes are none. */
export function expectWell(record: CallRecord | undefined): void {
  const { findings, verdict, summary } = diagnose(record);
  const told = findings
    .map((finding) => `${finding.severity} ${finding.code}: ${finding.sentence}`)
    .join('\n');
  expect(verdict, told).toBe('well');
  expect(summary).toMatch(/^(All is well|Nothing is wrong)/);
}

/** Sound and its reports are lost, and signaling passes: as a firewall has it. */
export const soundBlocked: LossModel = dropWhere(isMedia);

/** Sound is lost, and its reports pass (RFC 5761 §4: their types are 192 to 223). */
export const soundWithoutReports: LossModel = dropWhere(
  (packet) => isMedia(packet) && ((packet.bytes[1] ?? 0) < 192 || (packet.bytes[1] ?? 0) > 223),
);

function isMedia({ protocol, bytes }: Packet): boolean {
  return protocol === 'udp' && ((bytes[0] ?? 0) & 0xc0) === 0x80;
}

/** Two softphones in conversation: they send reports, and buffer what they hear. */
export interface SoftStage {
  readonly world: World;
  readonly system: PhoneSystem;
  readonly alice: Softphone;
  readonly bob: Softphone;
  readonly outgoing: PhoneCall;
  readonly incoming: PhoneCall;
}

export interface SoftStageOptions extends Omit<PhoneSystemOptions, 'users'> {
  readonly alice: readonly CodecName[];
  readonly bob: readonly CodecName[];
  /** Sets links. */
  before?(world: World): void;
}

export async function startSoftCall(world: World, options: SoftStageOptions): Promise<SoftStage> {
  const { alice: alices, bob: bobs, before, media: sound, ...rest } = options;
  before?.(world);
  // The doctor is asked about what the server hears.
  const media = { direct: 'off', ...sound } as const;
  const system = await startPhoneSystem(world, { users: { alice: {}, bob: {} }, media, ...rest });
  const alice = await system.softphone('alice', soundOptions(alices, 440));
  const bob = await system.softphone('bob', soundOptions(bobs, 1000));
  const { outgoing, incoming } = await answeredCall(world, alice, bob);
  return { world, system, alice, bob, outgoing, incoming };
}

/** A phone that plays a tone. */
export function soundOptions(codecs: readonly CodecName[], toneHz: number): SoftphoneOptions {
  return {
    codecs,
    makeSource: () => new ToneSource(toneHz),
    makeSink: async (sampleRateHz) => new MemorySink(sampleRateHz),
  };
}

/** Alice hangs up, and nothing is left. @returns the record */
export async function hangUpSoft({ world, system, alice, bob, outgoing }: SoftStage): Promise<CallRecord> {
  heal(world);
  outgoing.hangUp();
  await world.complete(outgoing.finished);
  await world.complete(Promise.all([alice.close(), bob.close()]));
  // With what the phones published of it.
  const record = await system.recordOf('alice');
  await system.expectQuiet();
  if (!record) throw new Error('the call has no record');
  return record;
}
