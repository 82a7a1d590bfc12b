import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../core/index.ts';
import { formatNameAddr, formatUri } from '../../../signaling/index.ts';
import { createAccount, parseTarget } from '../../../softphone/account.ts';

const never = () => Promise.reject(new Error('no contact is needed here'));

describe('createAccount()', () => {
  it.each([
    {
      user: 'alice',
      server: 'pbx.example',
      transport: 'udp',
      aor: 'sip:alice@pbx.example',
      registrar: 'sip:pbx.example',
    },
    {
      user: 'alice',
      server: '127.0.0.1:5070',
      transport: 'tcp',
      aor: 'sip:alice@127.0.0.1',
      registrar: 'sip:127.0.0.1:5070;transport=tcp',
    },
    {
      user: 'alice',
      server: '[::1]:5070',
      transport: 'udp',
      aor: 'sip:alice@[::1]',
      registrar: 'sip:[::1]:5070',
    },
    {
      user: 'sip:alice',
      server: 'sip:pbx.example',
      transport: 'udp',
      aor: 'sip:alice@pbx.example',
      registrar: 'sip:pbx.example',
    },
    {
      user: 'a b#',
      server: 'pbx.example',
      transport: 'udp',
      aor: 'sip:a%20b%23@pbx.example',
      registrar: 'sip:pbx.example',
    },
  ] as const)('$user at $server over $transport', ({ user, server, transport, aor, registrar }) => {
    const account = createAccount({ user, server }, transport, never);
    expect(account.aorText).toBe(aor);
    expect(formatUri(account.registrar)).toBe(registrar);
    expect(account.routeSet).toBeUndefined();
  });

  it('sends through the server where the domain is another', () => {
    const account = createAccount(
      { user: 'alice@example.com', server: 'proxy:5080', password: 'x' },
      'udp',
      never,
    );
    expect(account.aorText).toBe('sip:alice@example.com');
    expect(formatUri(account.registrar)).toBe('sip:example.com');
    expect(account.routeSet?.map(formatNameAddr)).toEqual(['<sip:proxy:5080;lr>']);
    expect(account.credentials).toEqual({ username: 'alice', password: 'x' });
  });

  it.each([
    { user: '', server: 'pbx', says: '--user is empty' },
    { user: 'alice', server: 'pbx:99999', says: '--server "pbx:99999" is not host or host:port' },
  ])('refuses user "$user" at "$server"', ({ user, server, says }) => {
    const create = () => createAccount({ user, server }, 'udp', never);
    expect(create).toThrow(UsageError);
    expect(create).toThrow(says);
  });
});

describe('parseTarget()', () => {
  it.each([
    { text: 'bob', server: 'pbx:5070', uri: 'sip:bob@pbx:5070', route: undefined },
    { text: '*43', server: 'pbx', uri: 'sip:*43@pbx', route: undefined },
    { text: '+49 30 1', server: 'pbx', uri: 'sip:+49%2030%201@pbx', route: undefined },
    { text: 'sip:bob@pbx:5070', server: 'pbx:5070', uri: 'sip:bob@pbx:5070', route: undefined },
    { text: 'bob@other', server: 'pbx:5070', uri: 'sip:bob@other', route: ['<sip:pbx:5070;lr>'] },
    { text: 'tel:+4930', server: 'pbx', uri: 'tel:+4930', route: ['<sip:pbx;lr>'] },
    { text: 'sip:bob@192.0.2.1:5080', server: undefined, uri: 'sip:bob@192.0.2.1:5080', route: undefined },
    { text: 'bob@192.0.2.1', server: undefined, uri: 'sip:bob@192.0.2.1', route: undefined },
  ])('$text with server $server', ({ text, server, uri, route }) => {
    const destination = parseTarget(text, { server, transport: 'udp' });
    expect(formatUri(destination.uri)).toBe(uri);
    expect(destination.routeSet?.map(formatNameAddr)).toEqual(route);
  });

  it('says TCP in the URI, so that the transport is not guessed (RFC 3263 §4.1)', () => {
    const { uri } = parseTarget('sip:bob@192.0.2.1', { server: undefined, transport: 'tcp' });
    expect(formatUri(uri)).toBe('sip:bob@192.0.2.1;transport=tcp');
  });

  it.each([
    { text: '  ', says: 'the target is empty' },
    { text: 'bob', says: '"bob" alone does not say where to call; give --server HOST' },
    { text: '192.0.2.1:5070', says: 'does not say where to call; dial sip:192.0.2.1:5070' },
    { text: 'tel:+4930', says: 'needs a server' },
    { text: 'sip:bob@', says: 'cannot be dialled' },
    { text: 'sip:bob@[::1', says: 'cannot be dialled' },
  ])('refuses "$text" without a server', ({ text, says }) => {
    const parse = () => parseTarget(text, { server: undefined, transport: 'udp' });
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(says);
  });
});
