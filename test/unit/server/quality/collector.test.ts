import { describe, expect, test, vi } from 'vitest';
import { Collector } from '../../../../server/quality/collector.ts';
import type { RequestOptions, RequestResult, UserAgent } from '../../../../signaling/index.ts';
import { RECORD, UNANSWERED } from '../../cli/quality-sample.ts';
import { FakeRuntime } from '../../softphone/fake-runtime.ts';

function setUp() {
  const sent: { options: RequestOptions; answer: (status: number) => void }[] = [];
  const warnings: string[] = [];
  const request: UserAgent['request'] = (_, options) =>
    new Promise((resolve) => {
      const answer = (status: number) =>
        resolve({
          status,
          reason: '',
          response: undefined,
          flow: undefined,
          sequenceNumber: 1,
        } satisfies RequestResult);
      sent.push({ options, answer });
    });
  const base = new FakeRuntime();
  const log = { ...base.log, warn: (_: object, text: string) => warnings.push(text) };
  const runtime = { ...base, clock: base.clock, log } as unknown as FakeRuntime; // Cast: `log` is read-only there.
  const collector = new Collector({ runtime, userAgent: { request }, target: 'sip:vq@c', realm: 'r' });
  return { sent, warnings, collector };
}

describe('Collector', () => {
  test('sends one PUBLISH a leg, with what the party said where it said it', () => {
    const { sent, collector } = setUp();
    collector.reportCall(RECORD);
    expect(sent.map(({ options }) => options.target)).toMatchObject([{ host: 'c' }, { host: 'c' }]);
    const bodies = sent.map(({ options }) => String(options.body));
    expect(bodies[0]).toMatch(/^VQSessionReport: CallTerm\r\nCallID: one@a\r\nLocalID: <sip:carol%2C/);
    expect(bodies[1]).toContain('CallID: two@b\r\n');
    // Of the far end: loss by its receiver report, what its buffer threw away by its extended report.
    expect(bodies[1]).toMatch(/RemoteMetrics:[\s\S]*PacketLoss: NLR=5\.00 JDR=1\.00\r\n/);
    expect(bodies[1]).toMatch(/RemoteMetrics:[\s\S]*JitterBuffer: JBA=3 JBN=60 JBM=80 JBX=200\r\n/);
    expect(bodies[1]).toMatch(/RemoteMetrics:[\s\S]*QualityEst: RCQ=72 MOSLQ=3\.60 MOSCQ=3\.50\r\n/);
  });

  test('tells nothing of calls that nobody answered', () => {
    const { sent, collector } = setUp();
    collector.reportCall(UNANSWERED);
    expect(sent).toEqual([]);
  });

  test('has no more under way than its bound, and goes on when they are answered', async () => {
    const { sent, collector } = setUp();
    for (let i = 0; i < 40; i += 1) collector.reportCall(RECORD);
    expect([sent.length, collector.droppedCount]).toEqual([64, 16]);
    for (const { answer } of sent) answer(200);
    await Promise.resolve();
    await Promise.resolve();
    collector.reportCall(RECORD);
    expect(sent).toHaveLength(66);
  });

  test('counts no report as under way that failed by a fault of ours', async () => {
    const base = new FakeRuntime();
    const request = vi.fn(() => Promise.reject(new Error('ours')));
    const collector = new Collector({
      runtime: base,
      userAgent: { request },
      target: 'sip:vq@c',
      realm: 'r',
    });
    for (let i = 0; i < 40; i += 1) {
      collector.reportCall(RECORD);
      await new Promise(setImmediate);
    }
    expect([request.mock.calls.length, collector.droppedCount]).toEqual([80, 0]);
  });

  test('warns once where the collector takes none', async () => {
    const { sent, warnings, collector } = setUp();
    collector.reportCall(RECORD);
    for (const { answer } of sent) answer(489);
    for (let i = 0; i < 5; i += 1) await Promise.resolve();
    expect(warnings).toHaveLength(1);
  });
});
