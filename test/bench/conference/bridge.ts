// A bridge that is measured, as the bench sees it.
import { findFreePorts } from '../../support/peers/free-port.ts';
import { HostProcess } from '../host-process.ts';
import { LoadMeter, type Usage } from '../load-meter.ts';
import { complain } from '../report.ts';
import type { BridgeAnswer, BridgeReport, BridgeRequest, CodecCosts } from './contract.ts';
import { MemberLoad, type MemberLoadResult } from './member-load.ts';
import type { Voice } from './voices.ts';

export type BridgeKind = 'room' | 'naive' | 'codec';

/** What a member says, and whether its packets tell how loud. */
export interface Attendance {
  readonly voice: Voice;
  readonly tellsLevel?: boolean;
}

/** One measurement: what was counted while it lasted. */
export interface Measured {
  readonly usage: Usage;
  readonly report: BridgeReport;
  readonly load: MemberLoadResult;
}

/** Until the compiler has seen all of it: what a room does, it does 50 times a second. */
const WARM_UP_MS = 15_000;
/** Beyond this share of its core the load may be what limits. */
const SATURATED_SHARE = 0.95;

export class Bridge {
  readonly load = new MemberLoad();
  readonly #process: HostProcess<BridgeRequest, BridgeAnswer>;

  static async start(kind: BridgeKind): Promise<Bridge> {
    const bridge = new Bridge(kind, await findFreePorts());
    await bridge.#ask({ kind: 'hello' }, 'hello');
    await bridge.load.open();
    return bridge;
  }

  private constructor(kind: BridgeKind, firstPort: number) {
    this.#process = new HostProcess(`conference/${kind}-host.js`, [String(firstPort)]);
  }

  async openRooms(count: number, maxTalkers?: number): Promise<readonly number[]> {
    const options = maxTalkers === undefined ? {} : { maxTalkers };
    return (await this.#ask({ kind: 'rooms', count, ...options }, 'rooms')).roomIds;
  }

  async join(roomId: number, members: readonly Attendance[]): Promise<void> {
    for (const { voice, tellsLevel = false } of members) {
      const port = this.load.nextPort;
      const joined = await this.#ask({ kind: 'join', roomId, port, tellsLevel }, 'joined');
      this.load.add(joined.port, voice, tellsLevel);
    }
  }

  async measure(durationMs: number, warmUpMs = WARM_UP_MS): Promise<Measured> {
    await this.load.run(warmUpMs);
    const before = await this.report();
    const meter = new LoadMeter(this.#process.pid);
    const load = await this.load.run(durationMs);
    const usage = meter.stop();
    const report = difference(await this.report(), before);
    if (usage.loadBusy > SATURATED_SHARE) complain('the load core is full');
    if (load.late > 0) complain(`the load was late with ${load.late} packets`);
    return { usage, report, load };
  }

  /** @param members - who all talk; only a `codec` host measures */
  async costs(members: readonly Voice[], maxTalkers: number): Promise<CodecCosts> {
    const voices = members.map(({ payloads }) => payloads);
    return (await this.#ask({ kind: 'costs', voices, maxTalkers }, 'costs')).costs;
  }

  async report(): Promise<BridgeReport> {
    return (await this.#ask({ kind: 'report' }, 'report')).report;
  }

  async stop(): Promise<void> {
    this.load.close();
    await this.#process.stop();
  }

  async #ask<Kind extends BridgeAnswer['kind']>(
    request: BridgeRequest,
    kind: Kind,
  ): Promise<BridgeAnswer & { readonly kind: Kind }> {
    const answer = await this.#process.ask(request);
    if (answer.kind !== kind) throw new Error(`the bridge answered ${JSON.stringify(answer)}`);
    // Cast: checked in the line above.
    return answer as BridgeAnswer & { readonly kind: Kind };
  }
}

function difference(after: BridgeReport, before: BridgeReport): BridgeReport {
  const list = (name: 'begun' | 'left') =>
    after[name].map((count, step) => count - (before[name][step] ?? 0));
  return {
    beats: after.beats - before.beats,
    decodes: after.decodes - before.decodes,
    encodes: after.encodes - before.encodes,
    undecoded: after.undecoded - before.undecoded,
    begun: list('begun'),
    left: list('left'),
  };
}
