// What a data folder holds before anybody has written into it: a realm, and two accounts to try.
import { type Random, UsageError } from '../../core/index.ts';
import { ha1sOf } from '../../signaling/index.ts';
import type { Configuration } from '../config/index.ts';
import type { Store, StoreChange } from '../store/index.ts';
import { makePassword, UserAdministration, type UserToAdd } from './administration.ts';

/** The realm where none is configured: a name that claims nobody's domain. */
export const DEFAULT_REALM = 'patchcord';

const FIRST_NAMES = ['alice', 'bob'] as const;

/**
 * Finds the realm of the store, and writes it there the first time. Passwords are stored for one realm (RFC 7616
 * §3.4.2), so it stays.
 *
 * @throws UsageError where the configuration wants another one than that for which passwords are stored
 */
export function settleRealm(store: Store, wanted: string | undefined): string {
  const kept = store.setting('realm');
  const realm = wanted ?? kept ?? DEFAULT_REALM;
  if (kept === realm) return realm;
  const stuck = kept === undefined ? [] : store.users().filter((user) => user.source === 'command');
  if (stuck.length > 0) {
    throw new UsageError(
      `realm is "${realm}", but ${stuck.length} users have passwords for "${kept}"; ` +
        `set it back to "${kept}", or remove these users and add them again`,
    );
  }
  store.write([{ kind: 'setting', name: 'realm', value: realm }]);
  return realm;
}

/**
 * Makes the first two accounts where the store is new and nobody is configured.
 *
 * @returns them with their passwords, which are nowhere else; undefined where it is not the first run
 */
export function makeFirstAccounts(
  store: Store,
  options: { readonly configuration: Configuration; readonly random: Random },
): readonly UserToAdd[] | undefined {
  const { configuration, random } = options;
  const isNew = store.setting('realm') === undefined && store.users().length === 0;
  if (!isNew || Object.keys(configuration.users).length > 0) return undefined;
  const administration = new UserAdministration(store, settleRealm(store, configuration.realm));
  return FIRST_NAMES.map((name) => {
    const user = {
      name,
      password: makePassword(random),
      displayName: name[0]?.toUpperCase() + name.slice(1),
    };
    administration.add(user);
    return user;
  });
}

/** Brings the users of the configuration into the store, and takes out those who stand there no more. */
export function applyConfiguredUsers(store: Store, users: Configuration['users'], realm: string): void {
  const gone = store.users().filter((user) => user.source === 'config' && !Object.hasOwn(users, user.name));
  const removals = gone.map(({ name }): StoreChange => ({ kind: 'removeUser', name }));
  const additions = Object.entries(users).map(([name, user]): StoreChange => {
    const { password, displayName, forward } = user;
    const ha1s = ha1sOf({ username: name, realm, password });
    // The file wins where it says something of forwarding; what was dialled since stays otherwise.
    const kept = Object.keys(forward).length > 0 ? forward : (store.user(name)?.forward ?? {});
    return { kind: 'putUser', user: { name, displayName, ha1s, forward: kept, source: 'config' } };
  });
  store.write([...removals, ...additions]);
}
