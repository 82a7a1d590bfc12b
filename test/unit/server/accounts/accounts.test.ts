import { describe, expect, test } from 'vitest';
import { Accounts, UserAdministration } from '../../../../server/accounts/index.ts';
import { MemoryStore, StoreJournal } from '../../../../server/store/index.ts';
import { createWorld } from '../../../support/index.ts';

/** A store of which another process has a part. */
class SharedStore extends MemoryStore {
  version = 1;
  isBroken = false;

  override foreignVersion(): number {
    if (this.isBroken) throw new Error('disk gone');
    return this.version;
  }
}

function setUp() {
  const world = createWorld();
  const runtime = world.host('server', { addresses: ['192.0.2.1'] });
  const store = new SharedStore();
  const command = new UserAdministration(store, 'r');
  command.add({ name: 'alice', password: 'a' });
  command.add({ name: 'bob', password: 'b' });
  const journal = new StoreJournal(runtime, store);
  const removed: string[] = [];
  const accounts = new Accounts({ runtime, store, journal, onRemoved: (name) => removed.push(name) });
  return { world, runtime, store, command, journal, accounts, removed };
}

describe('Accounts', () => {
  test('finds users, and what proves their passwords', () => {
    const { accounts, store } = setUp();
    expect(accounts.account('alice')).toMatchObject({ name: 'alice', forward: {} });
    expect(accounts.ha1s('alice')).toEqual(store.user('alice')?.ha1s);
    expect(accounts.account('carol')).toBeUndefined();
    expect(accounts.ha1s('carol')).toBeUndefined();
  });

  test('notices within a second what a command changed', async () => {
    const { world, accounts, command, store, removed } = setUp();
    command.add({ name: 'carol', password: 'c' });
    command.remove('bob');
    store.version += 1;
    await world.run(999);
    expect(accounts.account('carol')).toBeUndefined();
    await world.run(1);
    expect(accounts.account('carol')).toBeDefined();
    expect(accounts.account('bob')).toBeUndefined();
    expect(removed).toEqual(['bob']);
  });

  test('a forwarding that was dialled holds at once, and is not taken back by a command on another user', async () => {
    const { world, accounts, command, store } = setUp();
    accounts.setForward('alice', 'always', 'bob');
    expect(accounts.account('alice')?.forward).toEqual({ always: 'bob' });
    command.add({ name: 'carol', password: 'c' });
    store.version += 1;
    await world.run(1000);
    expect(accounts.account('carol')).toBeDefined();
    expect(accounts.account('alice')?.forward).toEqual({ always: 'bob' });
    expect(store.user('alice')?.forward).toEqual({ always: 'bob' });
  });

  test('forwarding on no answer keeps its time', () => {
    const { accounts } = setUp();
    accounts.setForward('alice', 'noAnswer', 'bob');
    expect(accounts.account('alice')?.forward.noAnswer).toEqual({ target: 'bob', afterSeconds: 20 });
    accounts.setForward('alice', 'noAnswer', undefined);
    expect(accounts.account('alice')?.forward.noAnswer).toBeUndefined();
  });

  test('setting a forwarding of nobody changes nothing', () => {
    const { accounts, journal } = setUp();
    accounts.setForward('carol', 'always', 'bob');
    expect(journal.waitingCount).toBe(0);
  });

  test('goes on with the users it knows when the store cannot be read', async () => {
    const { world, runtime, accounts, store } = setUp();
    store.isBroken = true;
    await world.run(5000);
    expect(accounts.account('alice')).toBeDefined();
    expect(runtime.logs.map(({ level }) => level)).toContain('warn');
  });
});
