import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../../core/index.ts';
import {
  NO_PARAMETERS,
  parseVqReport,
  type RequestOptions,
  sipUri,
  type UserAgent,
} from '../../../signaling/index.ts';
import { createAccount } from '../../../softphone/account.ts';
import { QualityPublisher } from '../../../softphone/quality-publisher.ts';
import { FAR_END_METRICS, REPORT } from './report/sample.ts';

const ADDRESSES = {
  local: { address: '192.0.2.7', port: 4000 },
  remote: { address: '192.0.2.1', port: 10_000 },
};

function setUp(statuses: readonly number[], user = 'alice') {
  const sent: { readonly method: string; readonly options: RequestOptions }[] = [];
  const request = async (method: string, options: RequestOptions) => {
    const status = statuses[sent.length] ?? 200;
    sent.push({ method, options });
    return { status };
  };
  // Cast: the publisher uses `request` and its status alone.
  const userAgent = { request } as unknown as UserAgent;
  const contact = async () => ({
    displayName: undefined,
    uri: sipUri({ host: 'h' }),
    parameters: NO_PARAMETERS,
  });
  const account = createAccount({ user, password: 'p', server: '192.0.2.1:5070' }, 'udp', contact);
  return { sent, publisher: new QualityPublisher(userAgent, account) };
}

describe('QualityPublisher', () => {
  it('tells the server what was measured on both sides', async () => {
    const { sent, publisher } = setUp([200]);
    await publisher.publish(
      { ...REPORT, farEnd: { ...REPORT.inbound, lost: 5, lossRatio: 0.05 }, farEndMetrics: FAR_END_METRICS },
      ADDRESSES,
    );
    const [{ method, options } = { method: '', options: undefined }] = sent;
    expect(method).toBe('PUBLISH');
    expect(options).toMatchObject({
      target: { host: '192.0.2.1', port: 5070, user: undefined },
      headers: [['Event', 'vq-rtcpxr']],
      contentType: 'application/vq-rtcpxr',
    });
    const report = parseVqReport(options?.body ?? '');
    if (report instanceof DecodeError) throw new Error(String(report));
    expect(report).toMatchObject({
      kind: 'session',
      isFinal: true,
      callId: REPORT.callId,
      localId: '<sip:alice@192.0.2.1>',
      remoteId: `<${REPORT.remote}>`,
      origId: '<sip:alice@192.0.2.1>',
      localAddress: ADDRESSES.local,
      remoteAddress: ADDRESSES.remote,
      local: {
        start: '2026-01-01T00:00:00Z',
        stop: '2026-01-01T00:00:10Z',
        codec: 'OPUS',
        sampleRateHz: 48_000,
        lossRatio: 0.004,
        mosLq: 4.39,
      },
      remote: { lossRatio: 0.05, discardRatio: 0.0117, endSystemDelayMs: 61 },
    });
  });

  it('says how what it plays is buffered and concealed (RFC 3611 §4.7.6)', async () => {
    const { sent, publisher } = setUp([200]);
    // Cast: of what the buffer counted it takes the delay alone.
    const playout = { delayMs: 42.4 } as NonNullable<typeof REPORT.inbound.playout>;
    await publisher.publish({ ...REPORT, inbound: { ...REPORT.inbound, playout } }, ADDRESSES);
    expect(parseVqReport(sent[0]?.options.body ?? '')).toMatchObject({
      local: { concealment: 2, jitterBufferAdaptive: 3, jitterBufferNominalMs: 42, endSystemDelayMs: 42 },
    });
  });

  it('goes through the server where the domain is another', async () => {
    const { sent, publisher } = setUp([200], 'alice@example.org');
    await publisher.publish(REPORT, ADDRESSES);
    expect(sent[0]?.options.target).toMatchObject({ host: 'example.org' });
    expect(sent[0]?.options.routeSet?.[0]?.uri).toMatchObject({ host: '192.0.2.1', port: 5070 });
  });

  it.each([405, 415, 489, 501])('is silent for good after %i', async (status) => {
    const { sent, publisher } = setUp([status]);
    await publisher.publish(REPORT, ADDRESSES);
    await publisher.publish(REPORT, ADDRESSES);
    expect(sent).toHaveLength(1);
    expect(publisher.isOn).toBe(false);
  });

  it.each([200, 403, 408, 500, 503])('goes on after %i', async (status) => {
    const { sent, publisher } = setUp([status]);
    await publisher.publish(REPORT, ADDRESSES);
    await publisher.publish(REPORT, ADDRESSES);
    expect(sent).toHaveLength(2);
  });

  it.each([
    { name: 'was not answered', report: { ...REPORT, isAnswered: false }, addresses: ADDRESSES },
    {
      name: 'ended because the server is gone',
      report: { ...REPORT, endedBy: 'timeout' },
      addresses: ADDRESSES,
    },
    { name: 'had no sound', report: REPORT, addresses: undefined },
  ] as const)('tells nothing of a call that $name', async ({ report, addresses }) => {
    const { sent, publisher } = setUp([]);
    await publisher.publish(report, addresses);
    expect(sent).toEqual([]);
  });

  it('sends nothing once it is closed', async () => {
    const { sent, publisher } = setUp([]);
    publisher.close();
    await publisher.publish(REPORT, ADDRESSES);
    expect(sent).toEqual([]);
  });
});
