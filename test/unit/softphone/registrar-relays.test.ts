import { describe, expect, it } from 'vitest';
import type { RequestOptions, RequestResult } from '../../../signaling/index.ts';
import { createAccount } from '../../../softphone/account.ts';
import { RegistrarRelays } from '../../../softphone/registrar-relays.ts';
import type { RegistrationState } from '../../../softphone/registration.ts';

function setUp({ state = 'unregistered' as RegistrationState, hasPassword = true } = {}) {
  const asked: { readonly method: string; readonly options: RequestOptions }[] = [];
  const request = async (method: string, options: RequestOptions): Promise<RequestResult> => {
    asked.push({ method, options });
    return {
      status: 408,
      reason: 'Request Timeout',
      response: undefined,
      flow: undefined,
      sequenceNumber: 1,
    };
  };
  const options = { user: 'alice', server: 'pbx.example', ...(hasPassword ? { password: 'x' } : {}) };
  const account = createAccount(options, 'udp', () => Promise.reject(new Error('not asked for')));
  const relays = new RegistrarRelays({
    userAgent: { request },
    account,
    registration: { state, turnServers: [] },
  });
  return { relays, asked };
}

describe('RegistrarRelays', () => {
  it('asks by a REGISTER that binds nothing, and goes on without an answer (RFC 3261 §10.2.3)', async () => {
    const { relays, asked } = setUp();
    expect(await relays.ask()).toEqual([]);
    expect(asked.map(({ method, options }) => [method, options.headers])).toEqual([['REGISTER', undefined]]);
    expect(asked[0]?.options.timeoutMs).toBeLessThanOrEqual(1000);
  });

  it.each([
    { name: 'where the phone is registered', setting: { state: 'registered' as const } },
    { name: 'where it has no password to prove who it is', setting: { hasPassword: false } },
  ])('asks for nothing $name', async ({ setting }) => {
    const { relays, asked } = setUp(setting);
    await relays.ask();
    expect(asked).toEqual([]);
  });

  it('knows of none without an account', async () => {
    const relays = new RegistrarRelays(undefined);
    expect([relays.known, await relays.ask()]).toEqual([[], []]);
  });
});
