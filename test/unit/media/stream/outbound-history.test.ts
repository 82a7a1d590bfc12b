import { describe, expect, it } from 'vitest';
import { DEFAULT_R, lossImpairment } from '../../../../media/quality/index.ts';
import { OutboundHistory } from '../../../../media/stream/outbound-history.ts';

const CODEC = { ie: 0, bpl: 25.1 };
const lossy = (ratio: number) => expect.closeTo(DEFAULT_R - lossImpairment(CODEC, ratio), 2);
const told = (
  expected: number,
  lost: number,
  changes: { fractionLost?: number; oneWayMs?: number } = {},
) => ({
  encoding: 'pcmu',
  expected,
  lost,
  fractionLost: 0,
  oneWayMs: null,
  ...changes,
});

describe('OutboundHistory', () => {
  it('gives each second between two reports the value of the second one', () => {
    const history = new OutboundHistory();
    history.start(0);
    history.handleReport(2400, told(120, 0));
    history.handleReport(5100, told(250, 13));
    history.handleReport(6000, told(300, 13));
    expect(history.values().rFactor).toEqual([
      DEFAULT_R,
      DEFAULT_R,
      lossy(0.1),
      lossy(0.1),
      lossy(0.1),
      DEFAULT_R,
    ]);
  });

  it('waits for a whole second, and loses nothing meanwhile', () => {
    const history = new OutboundHistory();
    history.start(0);
    for (const at of [100, 200, 900]) history.handleReport(at, told(at / 20, at / 200));
    expect(history.values().rFactor).toEqual([]);
    history.handleReport(1000, told(50, 5));
    expect(history.values().rFactor).toEqual([lossy(0.1)]);
  });

  it('has a gap where nothing was sent, and where the codec is not rated', () => {
    const history = new OutboundHistory();
    history.start(0);
    history.handleReport(1000, told(50, 0));
    history.handleReport(3000, told(50, 0));
    history.handleReport(4000, { ...told(100, 0), encoding: 'speex' });
    expect(history.values().mosLq).toEqual([expect.any(Number), null, null, null]);
  });

  it.each([
    { name: 'packets that were late', before: 10, lost: 5, fractionLost: 0.5, ratio: 0 },
    { name: 'a party that counts anew', before: 0, lost: 500, fractionLost: 0.25, ratio: 0.25 },
  ])('believes neither negative loss nor more than all: $name', ({ before, lost, fractionLost, ratio }) => {
    const history = new OutboundHistory();
    history.start(0);
    history.handleReport(1000, told(50, before));
    history.handleReport(2000, told(100, lost, { fractionLost }));
    expect(history.values().rFactor[1]).toEqual(lossy(ratio));
  });

  it('says nothing before anything was sent', () => {
    const history = new OutboundHistory();
    history.handleReport(1000, told(50, 0));
    expect(history.values().rFactor).toEqual([]);
  });

  it('has the delay where it is known', () => {
    const history = new OutboundHistory();
    history.start(0);
    history.handleReport(1000, told(50, 0, { oneWayMs: 300 }));
    expect(history.values()).toMatchObject({
      rFactor: [expect.closeTo(DEFAULT_R - 14.76, 1)],
      mosLq: [expect.closeTo(4.409, 3)],
      mosCq: [expect.closeTo(3.95, 1)],
    });
  });
});
