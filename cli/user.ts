// patchcord user: who has a phone here. Works on the data folder; a server that runs on it notices within a second.
import type { Command } from 'commander';
import { SystemRandom, UsageError } from '../core/index.ts';
import {
  type ForwardKind,
  type ForwardSettings,
  makePassword,
  type StoredUser,
  settleRealm,
  UserAdministration,
} from '../server/index.ts';
import { addServerOptions, type ServerFlags, type StoreAccess, withStore } from './server-options.ts';

interface PasswordFlags extends ServerFlags {
  readonly password?: string;
  readonly displayName?: string;
}

interface ForwardFlags extends ServerFlags {
  readonly after?: string;
}

interface ListFlags extends ServerFlags {
  readonly json?: boolean;
}

const FORWARD_KINDS: Readonly<Record<string, ForwardKind>> = {
  always: 'always',
  busy: 'busy',
  'no-answer': 'noAnswer',
  unreachable: 'unreachable',
};

const HELP = `
A server that runs on the same data folder notices within a second.

  patchcord user add carol                       makes up a password and prints it
  patchcord user add carol --password secret --display-name "Carol C."
  patchcord user forward carol no-answer bob --after 15
  patchcord user forward carol always sip:carol@example.org
  patchcord user forward carol always off
  patchcord user list --json`;

export function register(program: Command): void {
  const command = program
    .command('user')
    .description('add, list, change and remove users')
    .addHelpText('after', HELP);
  const child = (usage: string, description: string) =>
    addServerOptions(command.command(usage).description(description), ['data-folder', 'realm']);
  child('add <name>', 'add a user, with a random password where none is given')
    .option('--password <password>', 'others on this machine see command lines: better leave it out')
    .option('--display-name <text>', 'shown to who is called')
    .action(add);
  child('list', 'list the users').option('--json', 'one JSON object a line').action(list);
  child('passwd <name>', 'set a new password, a random one where none is given')
    .option('--password <password>', 'others on this machine see command lines: better leave it out')
    .action(setPassword);
  child('remove <name>', 'remove a user and forget where their phones are').action(remove);
  child('forward <name> <when> <target>', `forward calls: ${Object.keys(FORWARD_KINDS).join(', ')}; or off`)
    .option('--after <seconds>', 'with no-answer: ring so long first')
    .action(forward);
}

function add(name: string, flags: PasswordFlags): void {
  const password = flags.password ?? makePassword(new SystemRandom());
  administer(flags, (users) => users.add({ name, password, displayName: flags.displayName }), {
    isMade: true,
  });
  print(flags.password === undefined ? `${name} ${password}` : `${name} was added`);
}

function setPassword(name: string, flags: PasswordFlags): void {
  const password = flags.password ?? makePassword(new SystemRandom());
  administer(flags, (users) => users.setPassword(name, password));
  print(flags.password === undefined ? `${name} ${password}` : `${name} has a new password`);
}

function remove(name: string, flags: ServerFlags): void {
  administer(flags, (users) => users.remove(name));
  print(`${name} was removed`);
}

function forward(name: string, when: string, targetText: string, flags: ForwardFlags): void {
  const kind = Object.hasOwn(FORWARD_KINDS, when) ? FORWARD_KINDS[when] : undefined;
  if (!kind) {
    throw new UsageError(
      `"${when}" is no forwarding; it should be one of ${Object.keys(FORWARD_KINDS).join(', ')}`,
    );
  }
  const target = targetText === 'off' ? undefined : targetText;
  const afterSeconds = flags.after === undefined ? undefined : secondsOf(flags.after);
  administer(flags, (users) => users.forward(name, { kind, target, afterSeconds }));
  print(
    target === undefined
      ? `${name}: forwarding ${when} is off`
      : `${name}: forwarding ${when} leads to ${target}`,
  );
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (/^\d{1,3}$/.test(text) && seconds >= 1 && seconds <= 600) return seconds;
  throw new UsageError(`--after is "${text}"; it should be 1 to 600 seconds`);
}

function list(flags: ListFlags): void {
  const users = administer(flags, (administration) => administration.list());
  if (flags.json) {
    for (const { name, displayName, forward, source } of users) {
      print(JSON.stringify({ name, displayName: displayName ?? null, forward, source }));
    }
    return;
  }
  for (const user of users) print(describe(user));
  if (users.length === 0) print('nobody yet; "patchcord user add NAME" adds somebody');
}

function describe({ name, displayName, forward, source }: StoredUser): string {
  const parts = [
    name.padEnd(16),
    displayName ?? '',
    ...forwardTexts(forward),
    source === 'config' ? '(configuration file)' : '',
  ];
  return parts
    .filter((part) => part !== '')
    .join('  ')
    .trimEnd();
}

function forwardTexts(forward: ForwardSettings): readonly string[] {
  return Object.entries(FORWARD_KINDS).flatMap(([when, kind]) => {
    const target = forward[kind];
    if (target === undefined) return [];
    if (typeof target === 'string') return [`${when}: ${target}`];
    return [`${when}: ${target.target} after ${target.afterSeconds} s`];
  });
}

function administer<Result>(
  flags: ServerFlags,
  work: (users: UserAdministration) => Result,
  access?: StoreAccess,
): Result {
  return withStore(
    flags,
    (store, { realm }) => work(new UserAdministration(store, settleRealm(store, realm))),
    access,
  );
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
