import { beforeAll, describe, expect } from 'vitest';
import { silentLog } from '../../../core/index.ts';
import { InlineMediaEngine, loadCodecs } from '../../../media/index.ts';
import { createServer, MemoryStore, type PatchcordServer, type Store } from '../../../server/index.ts';
import {
  formatUri,
  type HeaderField,
  NO_PARAMETERS,
  openSipEndpoint,
  type RequestResult,
  SipUserAgent,
  sipUri,
} from '../../../signaling/index.ts';
import { expectEmpty, type Host, type Nat, randomLoss, scenario, type World } from '../../support/index.ts';

const SERVER = '192.0.2.1';
const REALM = 'pbx.example';

/** Starts a server on the host; several in a row on one store are restarts. */
function start(host: Host, world: World, store: Store = new MemoryStore()): Promise<PatchcordServer> {
  return world.complete(
    createServer({
      runtime: host,
      store,
      openMedia: (runtime) => new InlineMediaEngine(runtime),
      realm: REALM,
      sip: { udp: [`${SERVER}:5060`], tcp: [`${SERVER}:5060`] },
      users: { alice: { password: 'a' }, bob: { password: 'b' } },
    }),
  );
}

// WebAssembly is compiled in real time; afterwards everything runs in the world's.
beforeAll(async () => void (await loadCodecs({ log: silentLog })));

interface Phone {
  readonly userAgent: SipUserAgent;
  /** Sends REGISTER for a user with credentials; without a password it does not answer challenges. */
  register(options?: RegisterOptions): Promise<RequestResult>;
  /** Requests that reached the phone. */
  readonly reached: string[];
}

interface RegisterOptions {
  readonly user?: string;
  readonly as?: string;
  readonly password?: string | null;
  readonly contact?: string;
  readonly headers?: readonly HeaderField[];
}

interface PhoneOptions {
  readonly protocol?: 'udp' | 'tcp';
  /** Rings instead of refusing with 486. */
  readonly rings?: boolean;
}

async function openPhone(host: Host, world: World, options: PhoneOptions = {}): Promise<Phone> {
  const { protocol = 'udp', rings = false } = options;
  const address = host.addresses[0] ?? '';
  const endpoint = await world.complete(
    openSipEndpoint(host, { listen: [{ protocol, address, port: 5060 }], product: 'phone' }),
  );
  const userAgent = new SipUserAgent(host, endpoint, { sessionExpiresSeconds: 0 });
  const reached: string[] = [];
  userAgent.on('invite', ({ session }) => {
    reached.push(session.remote.uri.scheme === 'sip' ? (session.remote.uri.user ?? '') : '');
    if (rings) session.progress(180);
    else session.reject(486);
  });
  const register = (options: RegisterOptions = {}) => {
    const { user = 'alice', as = user, password = user[0] ?? '', headers = [] } = options;
    const aor = { displayName: undefined, uri: sipUri({ user, host: REALM }), parameters: NO_PARAMETERS };
    const contact =
      options.contact ?? `<sip:${user}@${address}:5060${protocol === 'tcp' ? ';transport=tcp' : ''}>`;
    return userAgent.request('REGISTER', {
      target: sipUri({
        host: SERVER,
        ...(protocol === 'tcp' ? { parameters: [['transport', 'tcp'] as const] } : {}),
      }),
      from: aor,
      to: aor,
      headers: [...(contact === '' ? [] : [['Contact', contact] as const]), ...headers],
      ...(password === null ? {} : { credentials: { username: as, password } }),
    });
  };
  return { userAgent, register, reached };
}

function contactsOf(result: RequestResult): readonly string[] {
  return result.response?.contacts.map(({ uri }) => formatUri(uri)) ?? [];
}

async function closeAll(world: World, server: PatchcordServer, ...phones: Phone[]): Promise<void> {
  await world.complete(Promise.all([server.close(), ...phones.map(({ userAgent }) => userAgent.close())]));
  // TCP connections take their time to close.
  await world.run(100_000);
  expectEmpty(world.tables());
}

describe('registration at the server', () => {
  for (const protocol of ['udp', 'tcp'] as const) {
    scenario(`is challenged, then granted for an hour, over ${protocol}`, {}, async (world) => {
      const server = await start(world.host('server', { addresses: [SERVER] }), world);
      const phone = await openPhone(world.host('phone', { addresses: ['192.0.2.10'] }), world, { protocol });
      const refused = await world.complete(phone.register({ password: null }));
      expect(refused.status).toBe(401);
      expect(refused.response?.headerValues('WWW-Authenticate')).toHaveLength(2);
      const granted = await world.complete(phone.register());
      expect(granted.status).toBe(200);
      expect(granted.response?.contacts[0]?.parameters.get('expires')).toBe('3600');
      expect(server.counts.bindings).toBe(1);
      await world.run(3_602_000);
      expect(server.counts).toMatchObject({ bindings: 0, nonces: 0, transactions: 0, unwritten: 0 });
      await closeAll(world, server, phone);
    });
  }

  scenario(
    'every REGISTER is answered right through 30 % loss, and done once',
    {
      seed: 5,
      link: { delayMs: 20, loss: randomLoss(0.3) },
    },
    async (world) => {
      const server = await start(world.host('server', { addresses: [SERVER] }), world);
      const phones: Phone[] = [];
      for (let i = 0; i < 10; i += 1) {
        phones.push(await openPhone(world.host(`phone${i}`, { addresses: [`192.0.2.${10 + i}`] }), world));
      }
      const results = await world.complete(Promise.all(phones.map((phone) => phone.register())));
      expect(results.map(({ status }) => status)).toEqual(Array(10).fill(200));
      expect(server.counts.bindings).toBe(10);
      await closeAll(world, server, ...phones);
    },
  );

  scenario('a wrong password and an unknown user get the same answer', {}, async (world) => {
    const server = await start(world.host('server', { addresses: [SERVER] }), world);
    const phone = await openPhone(world.host('phone', { addresses: ['192.0.2.10'] }), world);
    const shown = async (options: RegisterOptions) => {
      const { status, response } = await world.complete(phone.register(options));
      const names = [...(response?.headerFields() ?? [])].map(([name]) => name);
      return [status, names, response?.header('WWW-Authenticate')?.replace(/nonce="\w+"/, '')];
    };
    expect(await shown({ password: 'wrong' })).toEqual(await shown({ user: 'nobody', password: 'wrong' }));
    expect((await shown({ password: 'wrong' }))[0]).toBe(401);
    expect(server.counts.bindings).toBe(0);
    await closeAll(world, server, phone);
  });

  scenario("somebody else's address-of-record is 403", {}, async (world) => {
    const server = await start(world.host('server', { addresses: [SERVER] }), world);
    const phone = await openPhone(world.host('phone', { addresses: ['192.0.2.10'] }), world);
    const result = await world.complete(phone.register({ user: 'bob', as: 'alice', password: 'a' }));
    expect(result.status).toBe(403);
    expect(server.counts.bindings).toBe(0);
    await closeAll(world, server, phone);
  });

  scenario('too brief a time is 423 with Min-Expires', {}, async (world) => {
    const server = await start(world.host('server', { addresses: [SERVER] }), world);
    const phone = await openPhone(world.host('phone', { addresses: ['192.0.2.10'] }), world);
    const result = await world.complete(phone.register({ headers: [['Expires', '59']] }));
    expect(result.status).toBe(423);
    expect(result.response?.header('Min-Expires')).toBe('60');
    await closeAll(world, server, phone);
  });

  scenario('bindings survive a restart, and end when they would have ended', {}, async (world) => {
    const host = world.host('server', { addresses: [SERVER] });
    const store = new MemoryStore();
    const before = await start(host, world, store);
    const phone = await openPhone(world.host('phone', { addresses: ['192.0.2.10'] }), world);
    await world.complete(phone.register());
    await world.complete(before.close());
    await world.run(1_000_000);
    const after = await start(host, world, store);
    expect(after.counts.bindings).toBe(1);
    const fetched = await world.complete(phone.register({ contact: '' }));
    expect(contactsOf(fetched)).toEqual(['sip:alice@192.0.2.10:5060']);
    const caller = await openPhone(world.host('caller', { addresses: ['192.0.2.11'] }), world);
    callAs(caller, 'bob', 'alice');
    await world.runUntil(() => phone.reached.length > 0, { what: 'the call' });
    expect(phone.reached).toEqual(['bob']);
    await world.run(2_600_000);
    expect(after.counts.bindings).toBe(0);
    await closeAll(world, after, phone, caller);
  });

  scenario('a phone behind a NAT is called through the hole that its REGISTER made', {}, async (world) => {
    const server = await start(world.host('server', { addresses: [SERVER] }), world);
    const nat: Nat = world.nat('nat', {
      externalAddress: '203.0.113.1',
      mapping: 'address-and-port-dependent',
      filtering: 'address-and-port-dependent',
    });
    const phone = await openPhone(world.host('phone', { addresses: ['10.0.0.2'], behind: nat }), world);
    expect((await world.complete(phone.register())).status).toBe(200);
    const caller = await openPhone(world.host('caller', { addresses: ['192.0.2.11'] }), world);
    callAs(caller, 'bob', 'alice');
    await world.runUntil(() => phone.reached.length > 0, { what: 'the call' });
    expect(phone.reached).toEqual(['bob']);
    await closeAll(world, server, phone, caller);
  });

  scenario('OPTIONS to the server is answered to anybody, to a user it is challenged', {}, async (world) => {
    const server = await start(world.host('server', { addresses: [SERVER] }), world);
    const phone = await openPhone(world.host('phone', { addresses: ['192.0.2.10'] }), world);
    const ask = async (user?: string) => {
      const target = sipUri({ host: SERVER, ...(user === undefined ? {} : { user }) });
      const from = { displayName: undefined, uri: sipUri({ host: 'x.invalid' }), parameters: NO_PARAMETERS };
      return (await world.complete(phone.userAgent.request('OPTIONS', { target, from }))).status;
    };
    expect([await ask(), await ask('alice'), await ask('nobody')]).toEqual([200, 401, 401]);
    await closeAll(world, server, phone);
  });

  scenario('a draining server refuses calls with 503 and keeps phones registered', {}, async (world) => {
    const server = await start(world.host('server', { addresses: [SERVER] }), world);
    const phone = await openPhone(world.host('phone', { addresses: ['192.0.2.10'] }), world, { rings: true });
    const caller = await openPhone(world.host('caller', { addresses: ['192.0.2.11'] }), world);
    await world.complete(phone.register());
    const ends: (number | undefined)[] = [];
    callAs(caller, 'bob', 'alice').on('ended', ({ status }) => ends.push(status));
    await world.runUntil(() => phone.reached.length > 0, { what: 'ringing' });
    const draining = server.drain(5000);
    callAs(caller, 'bob', 'alice').on('ended', ({ status }) => ends.push(status));
    await world.run(2000);
    expect(ends).toEqual([503]);
    expect((await world.complete(phone.register())).status).toBe(200);
    await world.complete(draining);
    await world.run(1000);
    expect(ends).toEqual([503, 503]);
    await world.complete(Promise.all([phone, caller].map(({ userAgent }) => userAgent.close())));
    await world.run(100_000);
    expectEmpty(world.tables());
  });
});

function callAs(phone: Phone, user: string, callee: string) {
  return phone.userAgent.invite({
    target: sipUri({ user: callee, host: SERVER }),
    from: { displayName: undefined, uri: sipUri({ user, host: REALM }), parameters: NO_PARAMETERS },
    credentials: { username: user, password: user[0] ?? '' },
    sdp: 'v=0\r\no=- 1 1 IN IP4 192.0.2.11\r\ns=-\r\nc=IN IP4 192.0.2.11\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n',
  });
}
