import { describe, expect, it } from 'vitest';
import type { PayloadFormat } from '../../../../media/engine/types.ts';
import { redTypesOf } from '../../../../media/red/index.ts';

const format = (payloadType: number, encoding: string, formatParameters?: string): PayloadFormat => ({
  payloadType,
  encoding,
  clockRateHz: 8000,
  channels: 1,
  ...(formatParameters === undefined ? {} : { formatParameters }),
});

describe('redTypesOf()', () => {
  it.each([
    {
      name: 'primary and copies of one format',
      formats: [format(63, 'red', '111/111')],
      expected: [[111, 63]],
    },
    {
      name: 'several formats of sound in one of RED',
      formats: [format(0, 'pcmu'), format(63, 'red', '0/8')],
      expected: [
        [0, 63],
        [8, 63],
      ],
    },
    {
      name: 'RED of two clocks',
      formats: [format(63, 'red', '111/111'), format(64, 'red', '0/0')],
      expected: [
        [111, 63],
        [0, 64],
      ],
    },
    { name: 'nothing where RED says nothing', formats: [format(63, 'red')], expected: [] },
    {
      name: 'nothing of what is no payload type',
      formats: [format(63, 'red', 'a/-1/1111/ 0')],
      expected: [],
    },
    { name: 'nothing where there is none', formats: [format(0, 'pcmu', '0/0')], expected: [] },
  ])('tells $name', ({ formats, expected }) => {
    expect([...redTypesOf(formats)]).toEqual(expected);
  });
});
