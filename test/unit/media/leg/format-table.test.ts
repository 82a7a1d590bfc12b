import { describe, expect, it } from 'vitest';
import type { PayloadFormat } from '../../../../media/engine/types.ts';
import { FormatTable } from '../../../../media/leg/format-table.ts';

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

  it('tells when another type follows, and which, where it was negotiated', () => {
    const told: (number | string | undefined)[][] = [];
    const table = new FormatTable((before, next) => told.push([before, next?.encoding]));
    table.set([format(0, 'pcmu'), format(18, 'g729')]);
    for (const payloadType of [0, 0, 18, 5, 0]) table.clockRateHz(payloadType);
    table.set([format(8, 'pcma')]);
    expect(told).toEqual([
      [-1, undefined],
      [-1, 'pcmu'],
      [0, 'g729'],
      [18, undefined],
      [5, 'pcmu'],
      [0, undefined],
    ]);
  });
});
