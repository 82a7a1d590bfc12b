#!/usr/bin/env node
// The one executable: finds the subcommand, loads its room alone, and says what went wrong in one sentence.
import { Command, CommanderError } from 'commander';
import { OperationError, UsageError } from '../core/index.ts';
import { endWhenClosed } from './closed-output.ts';
import { version } from './version.ts';

/** Adds one subcommand. */
interface CommandModule {
  register(program: Command): void;
}

/** Loaded only when asked for: `ping` needs no SQLite, `user` no codecs. */
const COMMANDS: Readonly<Record<string, () => Promise<CommandModule>>> = {
  serve: () => import('./serve.ts'),
  user: () => import('./user.ts'),
  records: () => import('./records.ts'),
  doctor: () => import('./doctor.ts'),
  quality: () => import('./quality.ts'),
  config: () => import('./config.ts'),
  call: () => import('./call.ts'),
  answer: () => import('./answer.ts'),
  phone: () => import('./phone.ts'),
  ping: () => import('./ping.ts'),
  send: () => import('./send.ts'),
  nat: () => import('./nat.ts'),
  replay: () => import('./replay.ts'),
  demo: () => import('./demo.ts'),
  impair: () => import('./impair.ts'),
};

/** Commands that do more than print. */
const LASTING: ReadonlySet<string> = new Set([
  'serve',
  'call',
  'answer',
  'phone',
  'send',
  'replay',
  'demo',
  'impair',
]);

const HELP = `
Try it:
  patchcord demo                 a server and two phones, one call, and how good it was
  patchcord serve                a phone system; the first run says how to call
  patchcord help call            what a command takes`;

/** Wrong usage: of the command line, of the configuration, or of the machine. */
const USAGE_STATUS = 2;

async function main(args: readonly string[]): Promise<void> {
  const program = new Command('patchcord')
    .description('A phone system in one package: SIP server, media relay and softphone')
    .version(version())
    .addHelpText('after', HELP)
    .showHelpAfterError('(--help shows what there is)')
    .exitOverride();
  for (const module of await modulesFor(args)) module.register(program);
  for (const command of program.commands) inherit(command);
  await program.parseAsync([...args], { from: 'user' });
}

/** Subcommands are made by their own files; they end as the program does. */
function inherit(command: Command, path = command.name()): void {
  command.exitOverride().showHelpAfterError(`(patchcord ${path} --help shows what it takes)`);
  for (const child of command.commands) inherit(child, `${path} ${child.name()}`);
}

function modulesFor(args: readonly string[]): Promise<readonly CommandModule[]> {
  const [name = ''] = args;
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  return Promise.all(load ? [load()] : Object.values(COMMANDS).map((one) => one()));
}

// Calls and a server outlive whoever watches them: they go on unseen, and end as they always do.
endWhenClosed(process.stdout, (status) => {
  if (!LASTING.has(process.argv[2] ?? '')) process.exit(status);
});

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has said what is wrong. Help and version are no errors.
    process.exitCode = error.exitCode === 0 ? 0 : USAGE_STATUS;
  } else if (error instanceof UsageError || error instanceof OperationError) {
    process.stderr.write(`patchcord: ${error.message}\n`);
    process.exitCode = error instanceof UsageError ? USAGE_STATUS : 1;
  } else {
    throw error;
  }
}
