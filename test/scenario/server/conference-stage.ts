// Phones that come into conference rooms, each playing a tone of its own, and what each of them hears.
import { expect } from 'vitest';
import { type CodecName, ToneSource } from '../../../media/index.ts';
import type { RoomEvent } from '../../../server/index.ts';
import { type CallReport, MemorySink, type PhoneCall, type Softphone } from '../../../softphone/index.ts';
import { toneLevelDbov, type World } from '../../support/index.ts';
import { type PhoneSystem, type PhoneSystemOptions, startPhoneSystem } from '../../support/phone-system.ts';

/** A tone that is there, well above what leaks from another. */
const HEARD_DBOV = -30;

/** Each user's tone, so far from the others' that 200 ms tell them apart. */
export const TONES_HZ: Readonly<Record<string, number>> = {
  alice: 400,
  bob: 900,
  carol: 1400,
  dave: 1900,
  erin: 2400,
};

export class Conferee {
  readonly name: string;
  readonly phone: Softphone;
  readonly #world: World;
  readonly #sinks: MemorySink[];
  call!: PhoneCall; // Set before anybody sees the conferee.
  report: CallReport | undefined;

  constructor(world: World, parts: { name: string; phone: Softphone; sinks: MemorySink[] }) {
    this.#world = world;
    this.name = parts.name;
    this.phone = parts.phone;
    this.#sinks = parts.sinks;
  }

  get hasEnded(): boolean {
    return this.report !== undefined;
  }

  async dial(room: string): Promise<this> {
    this.report = undefined;
    this.call = await this.#world.complete(this.phone.call(room));
    void this.call.finished.then((report) => {
      this.report = report;
    });
    await this.#world.runUntil(() => this.call.state === 'answered' || this.hasEnded, {
      what: `an answer to ${this.name}`,
    });
    return this;
  }

  /** Presses keys, and waits until the last of them was understood. */
  async press(keys: string): Promise<void> {
    expect(this.call.sendDigits(keys), `${this.name} can press ${keys}`).toBe(true);
    await this.#world.run(250 * keys.length + 300);
  }

  /** Who of the stage is heard in the last fifth of a second. */
  get hears(): readonly string[] {
    return Object.keys(TONES_HZ).filter((name) => this.levelOf(TONES_HZ[name] ?? 0) > HEARD_DBOV);
  }

  levelOf(frequencyHz: number, lastMs = 200): number {
    const sink = this.#sinks.at(-1);
    if (!sink) return -127;
    const samples = sink.pcm.slice(-(sink.sampleRateHz * lastMs) / 1000);
    return toneLevelDbov(samples, { frequencyHz, clockRateHz: sink.sampleRateHz });
  }

  async ended(): Promise<void> {
    await this.#world.runUntil(() => this.hasEnded, { what: `the end of ${this.name}'s call` });
  }
}

export class ConferenceStage {
  readonly system: PhoneSystem;
  readonly events: RoomEvent[] = [];
  readonly #world: World;
  readonly #conferees: Conferee[] = [];

  static async open(world: World, options: Omit<PhoneSystemOptions, 'users'> = {}): Promise<ConferenceStage> {
    const users = Object.fromEntries(Object.keys(TONES_HZ).map((name) => [name, {}]));
    return new ConferenceStage(world, await startPhoneSystem(world, { users, ...options }));
  }

  constructor(world: World, system: PhoneSystem) {
    this.#world = world;
    this.system = system;
    system.server.on('room', (event) => this.events.push(event));
  }

  /** A phone that is on, and calls nobody yet. */
  async phone(name: string, codecs: readonly CodecName[] = ['pcmu']): Promise<Conferee> {
    const sinks: MemorySink[] = [];
    const phone = await this.system.softphone(name, {
      codecs,
      makeSource: () => new ToneSource(TONES_HZ[name] ?? 0, 8000),
      makeSink: async (sampleRateHz) => {
        const sink = new MemorySink(sampleRateHz);
        sinks.push(sink);
        return sink;
      },
    });
    const conferee = new Conferee(this.#world, { name, phone, sinks });
    this.#conferees.push(conferee);
    return conferee;
  }

  /** Calls the room, each after the other, and is answered. */
  async dial(room: string, ...names: readonly string[]): Promise<Conferee[]> {
    const conferees: Conferee[] = [];
    for (const name of names) conferees.push(await (await this.phone(name)).dial(room));
    return conferees;
  }

  /** Until tones and prompts are over. */
  async settle(): Promise<void> {
    await this.#world.run(1500);
  }

  /** Events in short, without those of talking: `joined alice`. */
  get told(): readonly string[] {
    return this.events
      .filter(({ type }) => type !== 'talking')
      .map((event) => ('name' in event ? `${event.type} ${event.name}` : event.type));
  }

  /** Everybody hangs up, and nothing is left. */
  async expectQuiet(): Promise<void> {
    await this.#world.complete(Promise.all(this.#conferees.map(({ phone }) => phone.close())));
    await this.system.expectQuiet();
  }
}
