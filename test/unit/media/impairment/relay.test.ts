import { describe, expect, it } from 'vitest';
import { type Endpoint, SeededRandom } from '../../../../core/index.ts';
import {
  dropEvery,
  ImpairmentRelay,
  type ImpairmentRelayOptions,
  type LinkOptions,
  MOST_HELD,
  type RelayDirection,
  randomLoss,
} from '../../../../media/impairment/index.ts';

const PHONE: Endpoint = { address: '192.0.2.1', port: 4000 };
const OTHER_PHONE: Endpoint = { address: '192.0.2.2', port: 4000 };
const TARGET: Endpoint = { address: '192.0.2.9', port: 7000 };
const CLEAN: LinkOptions = { delayMs: 0 };

function relayOf(options: Partial<ImpairmentRelayOptions> = {}, seed = 1): ImpairmentRelay {
  const targetOf = (index: number): Endpoint => ({ ...TARGET, port: TARGET.port + index });
  return new ImpairmentRelay({
    random: new SeededRandom(seed),
    there: CLEAN,
    back: CLEAN,
    targetOf,
    ...options,
  });
}

/** Sends numbered datagrams to port 0, one every 20 ms, and lets the relay run. @returns what left it, with the time */
function play(
  relay: ImpairmentRelay,
  count: number,
  direction: RelayDirection = 'there',
): [at: number, n: number][] {
  const left: [number, number][] = [];
  const drain = (now: number) => {
    relay.handleTimeout(now);
    for (const { bytes } of relay.takeDatagrams()) left.push([now, bytes[0] ?? -1]);
  };
  for (let at = 0; at < count * 20 + 1000; at += 1) {
    if (at % 20 === 0 && at / 20 < count) {
      const bytes = Uint8Array.of(at / 20);
      if (direction === 'there') relay.handleFromSender(at, 0, { bytes, source: PHONE });
      else relay.handleFromTarget(at, 0, { bytes, source: TARGET });
    }
    drain(at);
  }
  return left;
}

/** The books of both directions are square. */
function expectAccounted(relay: ImpairmentRelay): void {
  for (const direction of ['there', 'back'] as const) {
    const { received, duplicated, passed, lost, overflowed, held } = relay.counts(direction);
    expect(passed + lost + overflowed + held).toBe(received + duplicated);
  }
}

describe('ImpairmentRelay', () => {
  it('sends what came to a port to the same port of the target, and answers to who sent there', () => {
    const relay = relayOf();
    relay.handleFromSender(0, 3, { bytes: Uint8Array.of(1), source: PHONE });
    relay.handleTimeout(0);
    expect(relay.takeDatagrams()).toMatchObject([
      { direction: 'there', index: 3, to: { ...TARGET, port: 7003 } },
    ]);
    relay.handleFromTarget(0, 3, { bytes: Uint8Array.of(2), source: { ...TARGET, port: 7003 } });
    relay.handleTimeout(0);
    expect(relay.takeDatagrams()).toMatchObject([{ direction: 'back', index: 3, to: PHONE }]);
  });

  it('answers the latest sender of a port', () => {
    const relay = relayOf();
    for (const source of [PHONE, OTHER_PHONE])
      relay.handleFromSender(0, 0, { bytes: new Uint8Array(1), source });
    relay.handleFromTarget(0, 0, { bytes: Uint8Array.of(2), source: TARGET });
    relay.handleTimeout(0);
    expect(relay.takeDatagrams().at(-1)).toMatchObject({ direction: 'back', to: OTHER_PHONE });
  });

  it('drops what comes from elsewhere than the target, and answers to nobody', () => {
    const relay = relayOf();
    relay.handleFromTarget(0, 0, { bytes: new Uint8Array(1), source: TARGET });
    relay.handleFromSender(0, 0, { bytes: new Uint8Array(1), source: PHONE });
    relay.handleFromTarget(0, 0, { bytes: new Uint8Array(1), source: { ...TARGET, port: 7001 } });
    expect(relay.strangers).toBe(2);
    expect(relay.counts('back').received).toBe(0);
  });

  it('holds each datagram for its delay', () => {
    const relay = relayOf({ there: { delayMs: 35 } });
    expect(play(relay, 3)).toEqual([
      [35, 0],
      [55, 1],
      [75, 2],
    ]);
    expect(relay.counts('there')).toMatchObject({ passed: 3, totalDelayMs: 105, maxDelayMs: 35 });
  });

  it('asks to be woken for the earliest alone', () => {
    const relay = relayOf({ there: { delayMs: 35 } });
    expect(relay.nextTimeoutAt()).toBeUndefined();
    relay.handleFromSender(10, 0, { bytes: new Uint8Array(1), source: PHONE });
    relay.handleFromSender(20, 0, { bytes: new Uint8Array(1), source: PHONE });
    expect(relay.nextTimeoutAt()).toBe(45);
    relay.handleTimeout(44);
    expect(relay.takeDatagrams()).toEqual([]);
    relay.handleTimeout(45);
    expect(relay.takeDatagrams()).toHaveLength(1);
  });

  it('has a loss of its own for each direction', () => {
    const relay = relayOf({ there: { ...CLEAN, loss: dropEvery(4) } });
    expect(play(relay, 8).map(([, n]) => n)).toEqual([0, 1, 2, 4, 5, 6]);
    expect(play(relay, 8, 'back')).toHaveLength(8);
    expect(relay.counts('there')).toMatchObject({ received: 8, passed: 6, lost: 2 });
    expect(relay.counts('back')).toMatchObject({ received: 8, passed: 8, lost: 0 });
  });

  it('counts what is overtaken and what comes twice', () => {
    const relay = relayOf({ there: { delayMs: 5, reorderRatio: 0.2, reorderMs: 30, duplicateRatio: 0.1 } });
    const numbers = play(relay, 100).map(([, n]) => n);
    const overtaken = numbers.filter((n, i) => n < Math.max(...numbers.slice(0, i + 1)));
    expect(overtaken.length).toBeGreaterThan(5);
    expect(relay.counts('there')).toMatchObject({
      reordered: overtaken.length,
      duplicated: numbers.length - 100,
    });
    expect(relay.counts('there').duplicated).toBeGreaterThan(2);
    expectAccounted(relay);
  });

  it('harms those alone whom it is told to harm, both ways', () => {
    const isHarmed = ({ address }: Endpoint) => address === PHONE.address;
    const relay = relayOf({ there: { loss: randomLoss(1) }, back: { loss: randomLoss(1) }, isHarmed });
    const send = (index: number, source: Endpoint) => {
      relay.handleFromSender(0, index, { bytes: new Uint8Array(1), source });
      const answer = { bytes: new Uint8Array(1), source: { ...TARGET, port: TARGET.port + index } };
      relay.handleFromTarget(0, index, answer);
    };
    send(0, PHONE);
    expect(relay.takeDatagrams()).toEqual([]);
    send(1, OTHER_PHONE);
    expect(relay.takeDatagrams().map(({ direction }) => direction)).toEqual(['there', 'back']);
    expect(relay.unharmed).toBe(2);
  });

  it('keeps the bytes as they were when they came', () => {
    const relay = relayOf({ there: { delayMs: 20 } });
    const bytes = Uint8Array.of(1);
    relay.handleFromSender(0, 0, { bytes, source: PHONE });
    bytes[0] = 9;
    relay.handleTimeout(20);
    expect(relay.takeDatagrams()[0]?.bytes).toEqual(Uint8Array.of(1));
  });

  it('holds a bounded number of datagrams', () => {
    const relay = relayOf({ there: { delayMs: 1000 } });
    for (let i = 0; i < MOST_HELD + 10; i += 1)
      relay.handleFromSender(0, 0, { bytes: new Uint8Array(1), source: PHONE });
    expect(relay.counts('there')).toMatchObject({ held: MOST_HELD, overflowed: 10 });
    expectAccounted(relay);
  });

  it('drops what its rate cannot carry', () => {
    // 29 bytes with headers every 20 ms are 11,600 bit/s: twice the rate.
    const relay = relayOf({ there: { ...CLEAN, rateBitsPerSecond: 5800, queueMs: 100 } });
    play(relay, 100);
    expect(relay.counts('there').overflowed).toBeGreaterThan(40);
    expect(relay.counts('there').overflowed).toBeLessThan(50);
    expectAccounted(relay);
  });

  it('does the same again with the same seed', () => {
    const harm: LinkOptions = { delayMs: 5, jitterMs: 40, loss: randomLoss(0.1), duplicateRatio: 0.05 };
    const run = (seed: number) => play(relayOf({ there: harm }, seed), 100);
    expect(run(3)).toEqual(run(3));
    expect(run(3)).not.toEqual(run(4));
  });
});
