import { describe, expect, it } from 'vitest';
import { InboundStream, OutboundStream, ownMetrics } from '../../../../media/stream/index.ts';
import type { QualityInputs } from '../../../../media/stream/quality-report.ts';

const BUFFER = { isAdaptive: true, nominalMs: 40, maximumMs: 200, absoluteMaximumMs: 400 };

/** 100 packets, of which those are lost. */
function inputs(lost: readonly number[], changes: Partial<QualityInputs> = {}): QualityInputs {
  const inbound = new InboundStream({ concealment: true });
  for (let i = 0; i < 100; i += 1) {
    if (!lost.includes(i)) inbound.receive(20 * i, 7, i, 160 * i, 8000);
  }
  const outbound = new OutboundStream(1);
  return {
    ...{ inbound, outbound, codec: 'pcmu', concealment: true, discarded: null, playoutDelayMs: null },
    ...changes,
  };
}

describe('ownMetrics()', () => {
  it('says nothing where nothing came', () => {
    expect(ownMetrics({ ...inputs([]), inbound: new InboundStream({ concealment: true }) })).toBeNull();
  });

  it.each([
    { name: 'a relay', changes: {}, lossRatio: 0.04, discardRatio: 0 },
    { name: 'a phone', changes: { discarded: 3 }, lossRatio: 0.04, discardRatio: 0.03 },
    // RFC 3611 §4.7.1: lost is what error protection did not make good.
    {
      name: 'a phone with copies',
      changes: { discarded: 3, recovered: 3 },
      lossRatio: 0.01,
      discardRatio: 0.03,
    },
    { name: 'copies of all', changes: { discarded: 500, recovered: 9 }, lossRatio: 0, discardRatio: 1 },
  ])('tells shares of what was expected: $name', ({ changes, lossRatio, discardRatio }) => {
    expect(ownMetrics(inputs([20, 40, 60, 80], changes))).toMatchObject({ lossRatio, discardRatio });
  });

  it.each([
    { name: 'a relay plays nothing', changes: {}, concealment: 'unspecified', nominalMs: 0, delayMs: null },
    {
      name: 'a phone',
      changes: { discarded: 0, playoutDelayMs: 61, buffer: BUFFER },
      concealment: 'enhanced',
      nominalMs: 40,
      delayMs: 61,
    },
    {
      name: 'one that leaves holes',
      changes: { discarded: 0, concealment: false },
      concealment: 'disabled',
      nominalMs: 0,
      delayMs: null,
    },
  ])('tells how it is played: $name', ({ changes, concealment, nominalMs, delayMs }) => {
    expect(ownMetrics(inputs([], changes))).toMatchObject({
      concealment,
      endSystemDelayMs: delayMs,
      jitterBuffer: { nominalMs },
    });
  });
});
