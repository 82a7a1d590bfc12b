import { describe, expect, it } from 'vitest';
import { Emitter, OperationError, sleep } from '../../../core/index.ts';
import {
  createRequest,
  createResponse,
  type Flow,
  NO_PARAMETERS,
  type RequestOptions,
  type RequestResult,
  sipUri,
  type UserAgent,
} from '../../../signaling/index.ts';
import { createAccount } from '../../../softphone/account.ts';
import { Registration } from '../../../softphone/registration.ts';
import { FakeRuntime } from './fake-runtime.ts';

type Answer = { readonly status: number; readonly headers?: readonly (readonly [string, string])[] };

const FLOW: Flow = {
  protocol: 'tcp',
  local: { address: '192.0.2.1', port: 5062 },
  remote: { address: '192.0.2.9', port: 5060 },
  connectionId: 7,
};
const CONTACT = '<sip:alice@192.0.2.1:5062>';

/** @param answerAfterMs - how long the registrar thinks */
function setUp(answers: readonly Answer[], answerAfterMs = 0, resolve = async () => {}) {
  const runtime = new FakeRuntime();
  const sent: {
    readonly at: number;
    readonly options: RequestOptions;
    readonly expires: string | undefined;
  }[] = [];
  const endpoint = new Emitter<{ flowLost: Flow }>();
  const request = async (_method: string, options: RequestOptions): Promise<RequestResult> => {
    const answer = answers[Math.min(sent.length, answers.length - 1)] ?? { status: 200 };
    const expires = options.headers?.find(([name]) => name === 'Expires')?.[1];
    sent.push({ at: runtime.clock.now(), options, expires });
    if (answerAfterMs > 0) await sleep(runtime, answerAfterMs);
    const sequenceNumber = (options.sequenceNumber ?? 1) + 1; // A challenge took one more.
    if (answer.status === 408) {
      return { status: 408, reason: 'Request Timeout', response: undefined, flow: undefined, sequenceNumber };
    }
    const asked = createRequest({
      method: 'REGISTER',
      requestUri: options.target,
      headers: [
        ['Via', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx'],
        ['From', '<sip:alice@pbx.example>;tag=x'],
        ['To', '<sip:alice@pbx.example>'],
        ['Call-ID', 'c'],
        ['CSeq', `${sequenceNumber} REGISTER`],
      ],
    });
    const response = createResponse(asked, answer.status, { toTag: 'y', headers: answer.headers ?? [] });
    return { status: answer.status, reason: response.reason, response, flow: FLOW, sequenceNumber };
  };
  // Cast: the registration uses `request` and the endpoint's events alone.
  const userAgent = { request, endpoint } as unknown as UserAgent;
  const contact = async () => {
    await resolve();
    const uri = sipUri({ user: 'alice', host: '192.0.2.1', port: 5062 });
    return { displayName: undefined, uri, parameters: NO_PARAMETERS };
  };
  const account = createAccount({ user: 'alice', server: 'pbx.example', password: 'secret' }, 'udp', contact);
  const registration = new Registration(runtime, userAgent, account);
  const states: string[] = [];
  registration.on('changed', ({ state }) => states.push(state));
  return { runtime, registration, sent, states, endpoint };
}

const granted = (seconds: number): Answer => ({
  status: 200,
  headers: [['Contact', `<sip:other@192.0.2.9>;expires=9, ${CONTACT};expires=${seconds}`]],
});

describe('Registration', () => {
  it('registers, and refreshes between half and 0.9 of what was granted', async () => {
    const { runtime, registration, sent, states } = setUp([granted(100)]);
    await registration.start();
    await runtime.advance(49_999);
    expect(sent).toHaveLength(1);
    await runtime.advance(40_001);
    expect(sent).toHaveLength(2);
    expect(states).toEqual(['registering', 'registered', 'registering', 'registered']);
    registration.close();
    expect(runtime.timerCount).toBe(0);
  });

  it('keeps Call-ID and tag, and counts CSeq on behind a challenge (RFC 3261 §10.2)', async () => {
    const { runtime, registration, sent } = setUp([granted(60)]);
    await registration.start();
    await runtime.advance(60_000);
    const [first, second] = sent.map(({ options }) => options);
    expect(second?.callId).toBe(first?.callId);
    expect(second?.fromTag).toBe(first?.fromTag);
    expect([first?.sequenceNumber, second?.sequenceNumber]).toEqual([1, 3]);
    registration.close();
  });

  it('takes the interval of 423 (RFC 3261 §10.2.8), once', async () => {
    const tooBrief: Answer = { status: 423, headers: [['Min-Expires', '7200']] };
    const { registration, sent } = setUp([tooBrief, granted(7200)]);
    await registration.start();
    expect(sent.map(({ expires }) => expires)).toEqual(['3600', '7200']);
    registration.close();
    const stubborn = setUp([tooBrief]);
    await expect(stubborn.registration.start()).rejects.toThrow('423');
    expect(stubborn.sent).toHaveLength(2);
  });

  it.each([
    { status: 401, hint: 'check --user and --password' },
    { status: 403, hint: 'check --user and --password' },
    { status: 404, hint: 'check --user' },
    { status: 408, hint: 'check --server, and whether it runs' },
  ])('says what to check when the first try fails with $status, and stops', async ({ status, hint }) => {
    const { runtime, registration, sent, states } = setUp([{ status }]);
    await expect(registration.start()).rejects.toThrow(hint);
    await runtime.advance(10_000_000);
    expect(sent).toHaveLength(1);
    expect(states).toEqual(['registering', 'failed']);
  });

  it('tries again later and later when a refresh fails (RFC 5626 §4.5), and recovers', async () => {
    const { runtime, registration, sent, states } = setUp([
      granted(60),
      { status: 408 },
      { status: 503, headers: [['Retry-After', '300']] },
      granted(60),
    ]);
    await registration.start();
    await runtime.advance(54_000);
    expect(sent).toHaveLength(2);
    const [, second] = sent;
    await runtime.advance(60_000);
    expect((sent[2]?.at ?? 0) - (second?.at ?? 0)).toBeGreaterThanOrEqual(30_000);
    await runtime.advance(500_000);
    expect((sent[3]?.at ?? 0) - (sent[2]?.at ?? 0)).toBeGreaterThanOrEqual(300_000);
    expect(states.at(-1)).toBe('registered');
    registration.close();
  });

  it('registers again soon when its connection is lost', async () => {
    const { runtime, registration, sent, endpoint } = setUp([granted(3600)]);
    await registration.start();
    endpoint.emit('flowLost', FLOW);
    await runtime.advance(3000);
    expect(sent).toHaveLength(2);
    registration.close();
  });

  it('lets a stranger’s connections come and go: they put off no refresh', async () => {
    const { runtime, registration, sent, endpoint } = setUp([granted(60)]);
    await registration.start();
    for (let second = 0; second < 60; second += 1) {
      endpoint.emit('flowLost', { ...FLOW, connectionId: 100 + second });
      await runtime.advance(1000);
    }
    expect(sent).toHaveLength(2);
    expect(sent[1]?.at).toBeGreaterThanOrEqual(30_000);
    registration.close();
  });

  it('removes its binding only once the registrar has answered: never two REGISTERs at a time', async () => {
    const { runtime, registration, sent } = setUp([granted(60)], 500);
    const started = registration.start();
    await runtime.advance(100);
    const stopped = registration.stop();
    await runtime.advance(2000);
    await Promise.all([started, stopped]);
    expect(sent.map(({ at, expires }) => [at, expires])).toEqual([
      [0, '3600'],
      [500, '0'],
    ]);
    expect(sent[1]?.options.sequenceNumber).toBeGreaterThan(sent[0]?.options.sequenceNumber ?? 9);
    await runtime.advance(1_000_000);
    expect([sent.length, runtime.timerCount]).toEqual([2, 0]);
  });

  it('can be started again where the first try could not even begin', async () => {
    let isKnown = false;
    const { registration, sent } = setUp([granted(60)], 0, async () => {
      if (!isKnown) throw new OperationError('SOFTPHONE_SERVER_UNKNOWN', 'the server has no address');
    });
    await expect(registration.start()).rejects.toThrow('no address');
    isKnown = true;
    await registration.start();
    expect([registration.state, sent.length]).toEqual(['registered', 1]);
    registration.close();
  });

  it('removes its binding, and nothing where there is none', async () => {
    const { runtime, registration, sent, states } = setUp([granted(60)]);
    await registration.stop();
    expect(sent).toHaveLength(0);
    await registration.start();
    await registration.stop();
    expect(sent.at(-1)?.expires).toBe('0');
    expect(states.at(-1)).toBe('unregistered');
    await runtime.advance(1_000_000);
    expect(sent).toHaveLength(2);
    expect(runtime.timerCount).toBe(0);
  });

  it.each(['0', '-1', 'x', '0.001', '1e-9', '99999999999'])(
    'does not spin where the registrar grants "%s" seconds',
    async (expires) => {
      const { runtime, registration, sent } = setUp([
        { status: 200, headers: [['Contact', `${CONTACT};expires=${expires}`]] },
      ]);
      await registration.start();
      await runtime.advance(1_000_000);
      expect(sent).toHaveLength(1);
      registration.close();
    },
  );
});
