// One encoding for each format in which a room is heard, made for the first who asks and closed behind the last.
import { describe, expect, it } from 'vitest';
import { G711Codec, pcmuDescription } from '../../../../media/codec/g711-codec.ts';
import { FormatGroups } from '../../../../media/conference/format-groups.ts';

const PCMU = {
  format: { payloadType: 0, encoding: 'pcmu', clockRateHz: 8000, channels: 1 },
  ptimeMs: 20,
};

function createEncoders() {
  const seen = { made: 0, open: 0 };
  const make = async () => {
    seen.made += 1;
    seen.open += 1;
    const codec = new G711Codec(pcmuDescription);
    return Object.assign(codec, {
      close: () => {
        seen.open -= 1;
      },
    });
  };
  return { seen, make };
}

describe('FormatGroups', () => {
  it('makes one group for those who ask at once, and closes it behind the last', async () => {
    const groups = new FormatGroups();
    const { seen, make } = createEncoders();
    const [a, b] = await Promise.all([groups.borrow(PCMU, make), groups.borrow(PCMU, make)]);
    if (!a || !b) throw new Error('there is a codec');
    expect(a).toBe(b);
    groups.release(a);
    expect(seen).toEqual({ made: 1, open: 1 });
    groups.release(b);
    expect([seen.open, groups.all.length]).toEqual([0, 0]);
  });

  it('closes an encoder that does not work, and makes another for who asks next', async () => {
    const groups = new FormatGroups();
    const { seen, make } = createEncoders();
    const makeBroken = async () => {
      const broken = () => {
        throw new Error('broken');
      };
      return Object.assign(await make(), { encode: broken });
    };
    await expect(groups.borrow(PCMU, makeBroken)).rejects.toThrow('broken');
    expect(seen.open).toBe(0);
    expect(await groups.borrow(PCMU, make)).toBe(groups.all[0]);
  });

  it('asks anew where there was no encoder, also for those who waited for it', async () => {
    const groups = new FormatGroups();
    const { seen, make } = createEncoders();
    const none = async () => undefined;
    const [a, b] = [groups.borrow(PCMU, none), groups.borrow(PCMU, none)];
    const later = a.then(() => groups.borrow(PCMU, make));
    expect([await a, await b]).toEqual([undefined, undefined]);
    const group = await later;
    expect(groups.all).toEqual([group]);
    expect(seen).toEqual({ made: 1, open: 1 });
  });
});
