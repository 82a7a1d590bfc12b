import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../../core/index.ts';
import { applyConfiguredUsers, makeFirstAccounts, settleRealm } from '../../../../server/accounts/index.ts';
import { type ConfigurationInput, checkConfiguration } from '../../../../server/config/index.ts';
import { MemoryStore } from '../../../../server/store/index.ts';
import { ha1sOf } from '../../../../signaling/index.ts';

const random = new SeededRandom(1);
const configure = (input: ConfigurationInput) => checkConfiguration(input, (path) => path.join('.'));

describe('makeFirstAccounts()', () => {
  test('makes two accounts in a new store, once', () => {
    const store = new MemoryStore();
    const accounts = makeFirstAccounts(store, { configuration: configure({}), random });
    expect(accounts?.map(({ name }) => name)).toEqual(['alice', 'bob']);
    expect(new Set(accounts?.map(({ password }) => password)).size).toBe(2);
    for (const { name, password } of accounts ?? []) {
      expect(store.user(name)?.ha1s).toEqual(ha1sOf({ username: name, realm: 'patchcord', password }));
    }
    expect(makeFirstAccounts(store, { configuration: configure({}), random })).toBeUndefined();
  });

  test('makes none where users are configured', () => {
    const configuration = configure({ users: { carol: { password: 'x' } } });
    expect(makeFirstAccounts(new MemoryStore(), { configuration, random })).toBeUndefined();
  });

  test('makes none where somebody has removed them all', () => {
    const store = new MemoryStore();
    makeFirstAccounts(store, { configuration: configure({}), random });
    for (const name of ['alice', 'bob']) store.write([{ kind: 'removeUser', name }]);
    expect(makeFirstAccounts(store, { configuration: configure({}), random })).toBeUndefined();
  });
});

describe('settleRealm()', () => {
  test('keeps the first realm', () => {
    const store = new MemoryStore();
    expect(settleRealm(store, 'a.example')).toBe('a.example');
    expect(settleRealm(store, undefined)).toBe('a.example');
  });

  test('may change while nobody has a password for it', () => {
    const store = new MemoryStore();
    settleRealm(store, 'a.example');
    expect(settleRealm(store, 'b.example')).toBe('b.example');
  });

  test('refuses to make passwords worthless, and says the mend', () => {
    const store = new MemoryStore();
    makeFirstAccounts(store, { configuration: configure({}), random });
    expect(() => settleRealm(store, 'b.example')).toThrow(
      'realm is "b.example", but 2 users have passwords for "patchcord"; set it back to "patchcord"',
    );
    expect(store.setting('realm')).toBe('patchcord');
  });
});

describe('applyConfiguredUsers()', () => {
  const apply = (store: MemoryStore, users: ConfigurationInput['users']) =>
    applyConfiguredUsers(store, configure(users ? { users } : {}).users, 'r');

  test('sets users again at every start, and takes out who stands there no more', () => {
    const store = new MemoryStore();
    apply(store, { alice: { password: 'a' }, bob: { password: 'b', displayName: 'Bob' } });
    apply(store, { bob: { password: 'new' } });
    expect(store.users()).toMatchObject([
      { name: 'bob', displayName: undefined, ha1s: ha1sOf({ username: 'bob', realm: 'r', password: 'new' }) },
    ]);
  });

  test('leaves users of commands alone', () => {
    const store = new MemoryStore();
    makeFirstAccounts(store, { configuration: configure({}), random });
    apply(store, {});
    expect(store.users()).toHaveLength(2);
  });

  test('keeps what was dialled where the file says nothing of forwarding, and wins where it does', () => {
    const store = new MemoryStore();
    apply(store, { alice: { password: 'a' } });
    store.write([{ kind: 'forward', name: 'alice', forward: { always: 'bob' } }]);
    apply(store, { alice: { password: 'a' } });
    expect(store.user('alice')?.forward).toEqual({ always: 'bob' });
    apply(store, { alice: { password: 'a', forward: { busy: 'carol' } } });
    expect(store.user('alice')?.forward).toEqual({ busy: 'carol' });
  });
});
