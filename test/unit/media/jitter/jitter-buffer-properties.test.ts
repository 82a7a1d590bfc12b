import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JitterBuffer, type JitterFrame, MAX_DELAY_MS } from '../../../../media/jitter/index.ts';
import { FRAME_MS, frame, play } from './frames.ts';

const PACKETS = 300;

/** What the network does to one packet. */
const fate = fc.record({
  isLost: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  isDoubled: fc.oneof(
    { weight: 9, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  ),
  delayMs: fc.oneof(
    { weight: 6, arbitrary: fc.nat(20) },
    { weight: 3, arbitrary: fc.nat(120) },
    { weight: 1, arbitrary: fc.nat(600) },
  ),
});

/** A network with a stall, during which nothing comes and after which all of it does. */
const network = fc.record({
  fates: fc.array(fate, { minLength: PACKETS, maxLength: PACKETS }),
  stallAt: fc.nat(PACKETS * FRAME_MS),
  stallMs: fc.oneof(fc.constant(0), fc.nat(2500)),
  hasRed: fc.boolean(),
  hasFec: fc.boolean(),
  firstSequence: fc.constantFrom(0, 100, 65_400),
});
type Network = typeof network extends fc.Arbitrary<infer Value> ? Value : never;

function framesOf({ fates, stallAt, stallMs, hasRed, hasFec, firstSequence }: Network): JitterFrame[] {
  return fates.flatMap(({ isLost, isDoubled, delayMs }, index) => {
    if (isLost) return [];
    const passesAt = index * FRAME_MS + delayMs;
    const arrivedAt = passesAt >= stallAt && passesAt < stallAt + stallMs ? stallAt + stallMs : passesAt;
    const sequence = firstSequence + index;
    const frames = [frame(sequence, arrivedAt, { hasFec })];
    if (isDoubled) frames.push(frame(sequence, arrivedAt + 15, { hasFec }));
    if (hasRed && index > 0) frames.push(frame(sequence - 1, arrivedAt, { isRedundant: true }));
    return frames;
  });
}

const check = (property: (given: Network) => void) =>
  fc.assert(fc.property(network, property), { numRuns: 60, seed: 3 });

describe('JitterBuffer on any network', () => {
  it('plays each sound at most once, and in order', () => {
    check((given) => {
      const { sequences } = play(new JitterBuffer(), framesOf(given), 3000);
      const backwards = sequences.filter((sequence, i) => i > 0 && sequence <= (sequences[i - 1] ?? 0));
      expect(backwards).toEqual([]);
    });
  });

  it('counts each packet that came exactly once', () => {
    check((given) => {
      const buffer = new JitterBuffer();
      const frames = framesOf(given);
      play(buffer, frames, 3000);
      const { received, played, late, duplicate, overflowed } = buffer.statistics;
      expect(received).toBe(frames.filter(({ isRedundant }) => !isRedundant).length);
      expect(played + late + duplicate + overflowed).toBe(received);
    });
  });

  it('counts each packet whose turn has passed exactly once', () => {
    check((given) => {
      const buffer = new JitterBuffer();
      const frames = framesOf(given);
      const { sequences } = play(buffer, frames, 3000);
      const { played, recovered, late, lost } = buffer.statistics;
      const numbers = frames.map(({ extendedSequenceNumber }) => extendedSequenceNumber);
      const first = sequences[0] ?? 0;
      const before = new Set(numbers.filter((number) => number < first)).size;
      const turns = Math.max(...numbers) - Math.min(...numbers) + 1;
      // What came before the first that was played had its turn only if the buffer knew of it by then.
      expect(played + recovered + late + lost).toBeLessThanOrEqual(turns);
      expect(played + recovered + late + lost).toBeGreaterThanOrEqual(turns - before);
    });
  });

  it('counts the time that was made up exactly once', () => {
    check((given) => {
      const buffer = new JitterBuffer();
      const { played } = play(buffer, framesOf(given), 0);
      const madeUpMs = played
        .filter(({ type }) => type === 'lost' || type === 'wait')
        .reduce((sum, { durationMs }) => sum + durationMs, 0);
      // What is being waited for at the end is not yet known to be missing, and waiting ends after a second.
      expect(buffer.statistics.concealedMs).toBeLessThanOrEqual(madeUpMs + 1e-6);
      expect(buffer.statistics.concealedMs).toBeGreaterThanOrEqual(madeUpMs - 1000);
    });
  });

  it('keeps its target and its delay within what the network imposes', () => {
    check((given) => {
      const buffer = new JitterBuffer();
      play(buffer, framesOf(given), 3000);
      const { targetDelayMs, delayMs } = buffer.statistics;
      expect(targetDelayMs).toBeGreaterThanOrEqual(40);
      expect(targetDelayMs).toBeLessThanOrEqual(Math.max(MAX_DELAY_MS, 600 + given.stallMs + 20));
      expect(delayMs).toBeLessThanOrEqual(MAX_DELAY_MS + 600 + given.stallMs);
    });
  });

  it('loses nothing where nothing is lost and nothing is ever later than the least delay', () => {
    const calm = network.map((given) => ({
      ...given,
      stallMs: 0,
      fates: given.fates.map(({ delayMs }) => ({ isLost: false, isDoubled: false, delayMs: delayMs % 39 })),
    }));
    fc.assert(
      fc.property(calm, (given) => {
        const buffer = new JitterBuffer();
        expect(play(buffer, framesOf(given)).sequences).toHaveLength(PACKETS);
        expect(buffer.statistics).toMatchObject({ late: 0, lost: 0, duplicate: 0 });
      }),
      { numRuns: 60, seed: 3 },
    );
  });

  it('survives frames that make no sense', () => {
    const senseless = fc.record({
      payload: fc.uint8Array({ maxLength: 20 }),
      timestamp: fc.nat(0xffff_ffff),
      extendedSequenceNumber: fc.oneof(fc.nat(400), fc.nat(0xffff_ffff)),
      ssrc: fc.nat(1),
      arrivedAt: fc.nat(5000),
      isRedundant: fc.boolean(),
      hasFec: fc.boolean(),
      isDtx: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(senseless, { maxLength: 200 }), (frames) => {
        const buffer = new JitterBuffer();
        play(
          buffer,
          frames.map((each) => frame(each.extendedSequenceNumber, each.arrivedAt, each)),
        );
        for (const value of Object.values(buffer.statistics)) expect(value).not.toBeNaN();
      }),
      { numRuns: 300, seed: 3 },
    );
  });
});
