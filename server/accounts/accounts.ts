// The users of a running server, in memory: found in no time, and brought up to date when a command changes them.
import type { Runtime } from '../../core/index.ts';
import type { Ha1s } from '../../signaling/index.ts';
import { DEFAULT_NO_ANSWER_SECONDS } from '../call/forwarding.ts';
import type { Account, Directory, ForwardKind, ForwardSettings } from '../call/index.ts';
import type { Store, StoredUser, StoreJournal } from '../store/index.ts';

/** How often the store is asked whether another process changed it. */
const LOOK_INTERVAL_MS = 1000;

export interface AccountsOptions {
  readonly runtime: Runtime;
  readonly store: Store;
  readonly journal: StoreJournal;
  /** A user is gone: what they left behind is to go, too. */
  onRemoved(name: string): void;
}

/** All users of the store. */
export class Accounts implements Directory {
  readonly #options: AccountsOptions;
  #users: ReadonlyMap<string, StoredUser>;
  #version: number;
  #lookedAt: number;

  constructor(options: AccountsOptions) {
    this.#options = options;
    this.#version = options.store.foreignVersion();
    this.#lookedAt = options.runtime.clock.now();
    this.#users = byName(options.store.users());
  }

  account(name: string): Account | undefined {
    this.#look();
    return this.#users.get(name);
  }

  /** For digest: never a password. */
  ha1s(name: string): Ha1s | undefined {
    this.#look();
    return this.#users.get(name)?.ha1s;
  }

  setForward(name: string, kind: ForwardKind, target: string | undefined): void {
    const user = this.#users.get(name);
    if (!user) return;
    const forward = withForward(user.forward, kind, target);
    this.#users = new Map(this.#users).set(name, { ...user, forward });
    this.#options.journal.add({ kind: 'forward', name, forward });
  }

  /** Asks, at most once a second, whether a command has changed the store. */
  #look(): void {
    const { runtime, store } = this.#options;
    const now = runtime.clock.now();
    if (now - this.#lookedAt < LOOK_INTERVAL_MS) return;
    this.#lookedAt = now;
    try {
      const version = store.foreignVersion();
      if (version !== this.#version) this.#reload(version);
    } catch (error) {
      // Users go on as they were known.
      runtime.log.warn({ err: error }, 'the store cannot be read');
    }
  }

  #reload(version: number): void {
    const { store, journal, onRemoved, runtime } = this.#options;
    // What was changed here and is not yet written would be taken back by what is read.
    if (!journal.flush()) return;
    const before = this.#users;
    this.#users = byName(store.users());
    this.#version = version;
    for (const name of before.keys()) if (!this.#users.has(name)) onRemoved(name);
    runtime.log.debug({ users: this.#users.size }, 'users read again: a command wrote');
  }
}

function byName(users: readonly StoredUser[]): ReadonlyMap<string, StoredUser> {
  return new Map(users.map((user) => [user.name, user]));
}

/**
 * Settings with one forwarding set, or off where there is no target.
 *
 * @param afterSeconds - for `noAnswer`; as before, or {@link DEFAULT_NO_ANSWER_SECONDS}, where not given
 */
export function withForward(
  forward: ForwardSettings,
  kind: ForwardKind,
  target: string | undefined,
  afterSeconds = forward.noAnswer?.afterSeconds ?? DEFAULT_NO_ANSWER_SECONDS,
): ForwardSettings {
  if (kind === 'noAnswer') {
    return { ...forward, noAnswer: target === undefined ? undefined : { target, afterSeconds } };
  }
  return { ...forward, [kind]: target };
}
