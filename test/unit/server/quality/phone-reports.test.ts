import { describe, expect, test } from 'vitest';
import type { CallRecords, ClosedRecord } from '../../../../server/call/index.ts';
import { PhoneReports } from '../../../../server/quality/phone-reports.ts';
import type { PhoneReport } from '../../../../server/quality/types.ts';
import { createRequest, type Flow, type IncomingRequest, sipUri } from '../../../../signaling/index.ts';
import { FakeRuntime } from '../../softphone/fake-runtime.ts';

const FLOW: Flow = {
  protocol: 'udp',
  local: { address: '192.0.2.1', port: 5060 },
  remote: { address: '192.0.2.7', port: 5060 },
  connectionId: undefined,
};

function setUp() {
  const runtime = new FakeRuntime();
  const passed: string[] = [];
  const next: CallRecords = {
    open: ({ uniqueid }) => passed.push(`open ${uniqueid}`),
    answered: (uniqueid) => passed.push(`answered ${uniqueid}`),
    recorded: (uniqueid) => passed.push(`recorded ${uniqueid}`),
    close: ({ uniqueid }) => passed.push(`close ${uniqueid}`),
  };
  const taken: { uniqueid: string; report: PhoneReport }[] = [];
  const onReport = (uniqueid: string, report: PhoneReport) => taken.push({ uniqueid, report });
  const reports = new PhoneReports({ runtime, next, onReport });
  const publish = (user: string, callId: string): number => {
    let answer = 0;
    const request = createRequest({
      method: 'PUBLISH',
      requestUri: sipUri({ host: 'r' }),
      headers: [
        ['Event', 'vq-rtcpxr'],
        ['Content-Type', 'application/vq-rtcpxr'],
      ],
      body: `VQSessionReport: CallTerm\r\nCallID: ${callId}\r\n`,
      contentType: undefined,
    });
    const incoming: IncomingRequest = {
      request,
      flow: FLOW,
      respond: (status) => {
        answer = status;
      },
    };
    reports.handlePublish(incoming, { name: user, displayName: undefined, forward: {} });
    return answer;
  };
  const open = (uniqueid: string, src: string, callId: string) =>
    reports.open({ uniqueid, src, dst: 'x', start: 0, callId });
  const close = (uniqueid: string, callIds: readonly string[]) => reports.close(closed(uniqueid, callIds));
  return { runtime, reports, taken, passed, publish, open, close };
}

const closed = (uniqueid: string, callIds: readonly string[]): ClosedRecord => ({
  uniqueid,
  lastDst: 'x',
  answer: null,
  end: 0,
  disposition: 'ANSWERED',
  status: null,
  reason: '',
  quality: [],
  recordings: [],
  callIds,
});

describe('PhoneReports', () => {
  test('knows each party by its own dialog, and passes records on', () => {
    const { reports, passed, publish, open, close, taken } = setUp();
    open('1.1', 'alice', 'a');
    expect([publish('alice', 'a'), publish('bob', 'a'), publish('bob', 'b')]).toEqual([200, 403, 403]);
    reports.answered('1.1', 0, { who: 'bob', callId: 'b' });
    expect([publish('bob', 'b'), publish('alice', 'b'), publish('bob', 'a')]).toEqual([200, 403, 403]);
    reports.recorded('1.1', []);
    close('1.1', ['a', 'b']);
    expect(passed).toEqual(['open 1.1', 'answered 1.1', 'recorded 1.1', 'close 1.1']);
    expect(taken).toMatchObject([
      { uniqueid: '1.1', report: { from: 'alice', receivedAt: '2023-11-14T22:13:20.000Z' } },
      { uniqueid: '1.1', report: { from: 'bob', report: { callId: 'b' } } },
    ]);
  });

  test("nobody takes another's dialog away by calling with its Call-ID", () => {
    const { publish, open, close, taken } = setUp();
    open('1.1', 'alice', 'a');
    open('1.2', 'mallory', 'a');
    expect([publish('alice', 'a'), publish('mallory', 'a')]).toEqual([200, 200]);
    expect(taken.map(({ uniqueid }) => uniqueid)).toEqual(['1.1', '1.2']);
    close('1.2', ['a']);
    expect(publish('alice', 'a')).toBe(200);
  });

  test('forgets a call a minute after its end', async () => {
    const { runtime, reports, publish, open, close } = setUp();
    open('1.1', 'alice', 'a');
    await runtime.advance(3_600_000);
    close('1.1', ['a']);
    await runtime.advance(59_000);
    expect(publish('alice', 'a')).toBe(200);
    await runtime.advance(1000);
    expect(publish('alice', 'a')).toBe(403);
    expect(reports.size).toBe(0);
  });

  test('keeps no more calls that are over than its bound, the latest', () => {
    const { reports, publish, open, close } = setUp();
    for (let i = 0; i < 10_100; i += 1) {
      open(`1.${i}`, 'alice', `c${i}`);
      close(`1.${i}`, [`c${i}`]);
    }
    expect(reports.size).toBe(10_000);
    expect([publish('alice', 'c99'), publish('alice', 'c100')]).toEqual([403, 200]);
  });
});
