import { describe, expect, it } from 'vitest';
import type { PayloadFormat } from '../../../../media/engine/types.ts';
import { FormatTable, NO_PAYLOAD_TYPE } from '../../../../media/leg/format-table.ts';

const format = (payloadType: number, encoding: string, clockRateHz = 8000, channels = 1): PayloadFormat => ({
  payloadType,
  encoding,
  clockRateHz,
  channels,
});

function tableOf(...formats: readonly PayloadFormat[]): FormatTable {
  const table = new FormatTable();
  table.set(formats);
  return table;
}

describe('FormatTable', () => {
  it('knows what was negotiated last, and nothing else', () => {
    const table = tableOf(format(0, 'pcmu'), format(101, 'telephone-event'));
    expect([table.clockRateHz(0), table.clockRateHz(8), table.isEvent(101), table.isEvent(0)]).toEqual([
      8000,
      0,
      true,
      false,
    ]);
    table.set([format(111, 'opus', 48_000, 2)]);
    expect([table.clockRateHz(0), table.clockRateHz(111), table.isEvent(101)]).toEqual([0, 48_000, false]);
  });

  const here = [format(111, 'opus', 48_000, 2), format(101, 'telephone-event'), format(0, 'pcmu')];
  it.each([
    { name: 'the same number', payloadType: 0, there: [format(0, 'pcmu')], expected: 0 },
    { name: 'its number there', payloadType: 111, there: [format(96, 'opus', 48_000, 2)], expected: 96 },
    {
      name: 'the same number before another of the same format',
      payloadType: 101,
      there: [format(96, 'telephone-event'), format(101, 'telephone-event')],
      expected: 101,
    },
    {
      name: 'none for another clock rate',
      payloadType: 101,
      there: [format(101, 'telephone-event', 48_000)],
    },
    { name: 'none for other channels', payloadType: 111, there: [format(111, 'opus', 48_000, 1)] },
    { name: 'none for what is missing there', payloadType: 0, there: [format(8, 'pcma')] },
    { name: 'none for what is missing here', payloadType: 8, there: [format(8, 'pcma')] },
  ])('translates to $name (RFC 3264 §5.1)', ({ payloadType, there, expected = NO_PAYLOAD_TYPE }) => {
    expect(tableOf(...here).translate(payloadType, tableOf(...there))).toBe(expected);
  });

  it('follows a change at either side', () => {
    const [one, other] = [tableOf(format(111, 'opus', 48_000, 2)), tableOf(format(96, 'opus', 48_000, 2))];
    expect(one.translate(111, other)).toBe(96);
    other.set([format(97, 'opus', 48_000, 2)]);
    expect(one.translate(111, other)).toBe(97);
    one.set([format(98, 'opus', 48_000, 2)]);
    expect([one.translate(111, other), one.translate(98, other)]).toEqual([NO_PAYLOAD_TYPE, 97]);
  });
});
