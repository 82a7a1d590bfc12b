// What a person may do to the users of a data folder, whether a server runs on it or not.
import { type Random, UsageError } from '../../core/index.ts';
import { ha1sOf } from '../../signaling/index.ts';
import { type DialPlanContext, destinationOfTarget } from '../call/dial-plan.ts';
import type { ForwardKind } from '../call/index.ts';
import { isUserName, nearestName, USER_NAME_RULE } from '../config/index.ts';
import type { Store, StoredUser } from '../store/index.ts';
import { withForward } from './accounts.ts';

/** 16 characters of five bits: more than anybody guesses over a network. */
const PASSWORD_LENGTH = 16;

/** A password that a person can read out. */
export function makePassword(random: Random): string {
  return random.token(PASSWORD_LENGTH);
}

export interface UserToAdd {
  readonly name: string;
  readonly password: string;
  readonly displayName?: string | undefined;
}

/** Adds, changes and removes users. Every method throws a `UsageError` that says the mend. */
export class UserAdministration {
  readonly #store: Store;
  readonly #realm: string;

  constructor(store: Store, realm: string) {
    this.#store = store;
    this.#realm = realm;
  }

  list(): readonly StoredUser[] {
    return this.#store.users();
  }

  add(user: UserToAdd): void {
    const { name } = user;
    if (!isUserName(name)) throw new UsageError(`"${name}" is no user name; it should be ${USER_NAME_RULE}`);
    if (this.#store.user(name)) {
      throw new UsageError(`user "${name}" exists; "patchcord user passwd ${name}" changes the password`);
    }
    this.#put({ ...user, displayName: user.displayName, forward: {}, source: 'command' });
  }

  setPassword(name: string, password: string): void {
    const user = this.#own(name);
    this.#put({ ...user, password });
  }

  remove(name: string): void {
    this.#own(name);
    this.#store.write([{ kind: 'removeUser', name }]);
  }

  /** @param forward.target - undefined switches it off */
  forward(
    name: string,
    forward: {
      readonly kind: ForwardKind;
      readonly target: string | undefined;
      readonly afterSeconds?: number | undefined;
    },
  ): void {
    const { kind, target, afterSeconds } = forward;
    if (afterSeconds !== undefined && kind !== 'noAnswer') {
      throw new UsageError('--after is for no-answer; leave it out');
    }
    const user = this.#existing(name);
    if (target !== undefined) this.#checkTarget(name, target);
    const settings = withForward(user.forward, kind, target, afterSeconds);
    this.#store.write([{ kind: 'forward', name, forward: settings }]);
  }

  #checkTarget(name: string, target: string): void {
    const context: DialPlanContext = { isLocalHost: (host) => host === this.#realm.toLowerCase() };
    const destination = destinationOfTarget(target, context);
    if (destination.kind === 'unsupported') throw new UsageError(destination.reason);
    if (destination.kind !== 'user') return;
    if (destination.name === name) throw new UsageError(`"${name}" cannot be forwarded to themselves`);
    this.#existing(destination.name);
  }

  #existing(name: string): StoredUser {
    const user = this.#store.user(name);
    if (user) return user;
    const meant = nearestName(
      name,
      this.#store.users().map((other) => other.name),
    );
    const mend = meant === undefined ? '"patchcord user list" shows who is' : `did you mean "${meant}"?`;
    throw new UsageError(`there is no user "${name}"; ${mend}`);
  }

  /** One that the configuration file does not set again at every start. */
  #own(name: string): StoredUser {
    const user = this.#existing(name);
    if (user.source === 'command') return user;
    throw new UsageError(`user "${name}" stands in the configuration file; change it there`);
  }

  #put(user: Omit<StoredUser, 'ha1s'> & { readonly password: string }): void {
    const { password, ...rest } = user;
    const problem = passwordProblem(password);
    if (problem !== undefined) throw new UsageError(problem);
    const ha1s = ha1sOf({ username: user.name, realm: this.#realm, password });
    this.#store.write([{ kind: 'putUser', user: { ...rest, ha1s } }]);
  }
}

function passwordProblem(password: string): string | undefined {
  if (password === '') return 'the password is empty; give one, or none at all for a random one';
  return password.length > 256 ? 'the password has more than 256 characters; give a shorter one' : undefined;
}
