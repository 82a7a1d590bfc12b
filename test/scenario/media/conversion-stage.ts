// Two parties that do not speak alike, and the engine between them.
import { InlineMediaEngine, type InlineMediaEngineOptions } from '../../../media/engine/index.ts';
import type { LegReport, OpenedLeg, PayloadFormat, RemoteMedia } from '../../../media/index.ts';
import { expectEmpty, type World } from '../../support/index.ts';
import { RELAY, remoteOf } from './stage.ts';
import { ToneParty } from './tone-party.ts';

/** What one party speaks: its sound first. */
export interface Spoken {
  readonly formats: readonly [PayloadFormat, ...PayloadFormat[]];
  readonly remote?: Partial<RemoteMedia>;
}

export interface ConversionStage {
  readonly engine: InlineMediaEngine;
  readonly alice: ToneParty;
  readonly bob: ToneParty;
  readonly legs: { readonly alice: OpenedLeg; readonly bob: OpenedLeg };
  /** Digits that the engine told of: leg and digit. */
  readonly digits: { readonly legId: number; readonly digit: string }[];
  /** Closes everything and fails where something stayed. */
  end(): Promise<{ readonly alice: LegReport; readonly bob: LegReport }>;
}

export async function convertedCall(
  world: World,
  spoken: { readonly alice: Spoken; readonly bob: Spoken; readonly engine?: InlineMediaEngineOptions },
): Promise<ConversionStage> {
  const engine = new InlineMediaEngine(world.host('relay', { addresses: [RELAY] }), spoken.engine);
  const digits: { legId: number; digit: string }[] = [];
  engine.on('digit', ({ legId, digit }) => digits.push({ legId, digit }));
  const open = async (name: 'alice' | 'bob', address: string) => {
    const { formats, remote } = spoken[name];
    const party = await ToneParty.create(world.host(name, { addresses: [address] }), formats[0]);
    const leg = await engine.openLeg({ callKey: 'call', localAddress: RELAY, label: name });
    await world.hold(engine.setRemote(leg.legId, remoteOf(party.local, { formats, ...remote })));
    return { party, leg };
  };
  const [alice, bob] = [await open('alice', '192.0.2.1'), await open('bob', '192.0.2.2')];
  await world.hold(engine.connect(alice.leg.legId, bob.leg.legId));
  const end = async () => {
    const reports = {
      alice: await engine.closeLeg(alice.leg.legId),
      bob: await engine.closeLeg(bob.leg.legId),
    };
    alice.party.close();
    bob.party.close();
    await engine.close();
    await world.runUntilIdle();
    expectEmpty({ ...world.tables(), legs: engine.legCount, deadlines: engine.deadlineCount });
    return reports;
  };
  const legs = { alice: alice.leg, bob: bob.leg };
  return { engine, alice: alice.party, bob: bob.party, legs, digits, end };
}
