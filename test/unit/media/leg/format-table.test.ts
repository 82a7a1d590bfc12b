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
});
