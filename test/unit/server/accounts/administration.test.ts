import { describe, expect, test } from 'vitest';
import { SeededRandom, UsageError } from '../../../../core/index.ts';
import { makePassword, UserAdministration } from '../../../../server/accounts/index.ts';
import { MemoryStore } from '../../../../server/store/index.ts';
import { ha1sOf } from '../../../../signaling/index.ts';

const REALM = 'pbx.example';

function world() {
  const store = new MemoryStore();
  const users = new UserAdministration(store, REALM);
  users.add({ name: 'alice', password: 'a', displayName: 'Alice' });
  users.add({ name: 'bob', password: 'b' });
  const ha1s = ha1sOf({ username: 'carol', realm: REALM, password: 'c' });
  const carol = { name: 'carol', displayName: undefined, ha1s, forward: {}, source: 'config' as const };
  store.write([{ kind: 'putUser', user: carol }]);
  return { store, users };
}

describe('UserAdministration', () => {
  test('keeps no password, only what proves one', () => {
    const { store } = world();
    expect(store.user('alice')).toEqual({
      name: 'alice',
      displayName: 'Alice',
      ha1s: ha1sOf({ username: 'alice', realm: REALM, password: 'a' }),
      forward: {},
      source: 'command',
    });
  });

  test('a new password leaves the rest', () => {
    const { store, users } = world();
    users.forward('alice', { kind: 'busy', target: 'bob' });
    users.setPassword('alice', 'new');
    expect(store.user('alice')).toMatchObject({
      displayName: 'Alice',
      forward: { busy: 'bob' },
      ha1s: ha1sOf({ username: 'alice', realm: REALM, password: 'new' }),
    });
  });

  test('removes users', () => {
    const { users } = world();
    users.remove('bob');
    expect(users.list().map(({ name }) => name)).toEqual(['alice', 'carol']);
  });

  test('sets each kind of forwarding, and takes it back', () => {
    const { store, users } = world();
    users.forward('alice', { kind: 'always', target: 'bob' });
    users.forward('alice', { kind: 'noAnswer', target: 'sip:x@example.org' });
    expect(store.user('alice')?.forward).toEqual({
      always: 'bob',
      noAnswer: { target: 'sip:x@example.org', afterSeconds: 20 },
    });
    users.forward('alice', { kind: 'noAnswer', target: 'bob', afterSeconds: 7 });
    users.forward('alice', { kind: 'noAnswer', target: 'carol' });
    users.forward('alice', { kind: 'always', target: undefined });
    expect(store.user('alice')?.forward).toEqual({ noAnswer: { target: 'carol', afterSeconds: 7 } });
  });

  test('a user of the configuration file can be forwarded', () => {
    const { store, users } = world();
    users.forward('carol', { kind: 'busy', target: 'bob' });
    expect(store.user('carol')?.forward).toEqual({ busy: 'bob' });
  });

  type Attempt = (users: UserAdministration) => void;
  const ATTEMPTS: readonly { name: string; attempt: Attempt; expected: string | RegExp }[] = [
    {
      name: 'a name that cannot be dialled',
      attempt: (users) => users.add({ name: 'a b', password: 'x' }),
      expected: /^"a b" is no user name; it should be letters/,
    },
    {
      name: 'a service code as a name',
      attempt: (users) => users.add({ name: '*43', password: 'x' }),
      expected: /is no user name/,
    },
    {
      name: 'a name that is taken',
      attempt: (users) => users.add({ name: 'bob', password: 'x' }),
      expected: 'user "bob" exists; "patchcord user passwd bob" changes the password',
    },
    {
      name: 'an empty password',
      attempt: (users) => users.setPassword('bob', ''),
      expected: 'the password is empty; give one, or none at all for a random one',
    },
    {
      name: 'a mistyped name',
      attempt: (users) => users.remove('alcie'),
      expected: 'there is no user "alcie"; did you mean "alice"?',
    },
    {
      name: 'an unknown name',
      attempt: (users) => users.setPassword('zacharias', 'x'),
      expected: 'there is no user "zacharias"; "patchcord user list" shows who is',
    },
    {
      name: 'the password of a configured user',
      attempt: (users) => users.setPassword('carol', 'x'),
      expected: 'user "carol" stands in the configuration file; change it there',
    },
    {
      name: 'the removal of a configured user',
      attempt: (users) => users.remove('carol'),
      expected: 'user "carol" stands in the configuration file; change it there',
    },
    {
      name: 'forwarding to oneself',
      attempt: (users) => users.forward('bob', { kind: 'busy', target: 'bob' }),
      expected: '"bob" cannot be forwarded to themselves',
    },
    {
      name: 'forwarding to oneself by URI',
      attempt: (users) => users.forward('bob', { kind: 'busy', target: `sip:bob@${REALM}` }),
      expected: '"bob" cannot be forwarded to themselves',
    },
    {
      name: 'forwarding to nobody',
      attempt: (users) => users.forward('bob', { kind: 'busy', target: 'alicia' }),
      expected: 'there is no user "alicia"; did you mean "alice"?',
    },
    {
      name: 'forwarding to a service',
      attempt: (users) => users.forward('bob', { kind: 'busy', target: '*43' }),
      expected: /is a service code/,
    },
    {
      name: 'a time for a forwarding that has none',
      attempt: (users) => users.forward('bob', { kind: 'busy', target: 'alice', afterSeconds: 5 }),
      expected: '--after is for no-answer; leave it out',
    },
  ];
  test.each(ATTEMPTS)('refuses $name', ({ attempt, expected }) => {
    const { store, users } = world();
    const before = store.users();
    expect(() => attempt(users)).toThrow(UsageError);
    expect(() => attempt(users)).toThrow(expected);
    expect(store.users()).toEqual(before);
  });
});

test('makePassword() gives 16 characters that need no quotes', () => {
  expect(makePassword(new SeededRandom(1))).toMatch(/^[a-z2-7]{16}$/);
});
