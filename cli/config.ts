// patchcord config: an example to start from, and a check of what was written.
import type { Command } from 'commander';
import { EXAMPLE_CONFIGURATION, SECRETS } from '../server/index.ts';
import { addServerOptions, configurationOf, type ServerFlags } from './server-options.ts';

const HELP = `
  patchcord config example > patchcord.yaml
  patchcord config check --config /etc/patchcord.yaml`;

export function register(program: Command): void {
  const command = program
    .command('config')
    .description('print or check a configuration')
    .addHelpText('after', HELP);
  command
    .command('example')
    .description('print a documented configuration with every default')
    .action(() => {
      process.stdout.write(EXAMPLE_CONFIGURATION);
    });
  addServerOptions(
    command.command('check').description('say what is wrong with the configuration, or nothing'),
  )
    .option(
      '--json',
      'print the whole configuration, defaults included, passwords, PINs and secrets left out',
    )
    .action(check);
}

function check(flags: ServerFlags): void {
  const configuration = configurationOf(flags);
  if (flags.json !== true) return;
  const shown = JSON.stringify(configuration, (name, value) => (SECRETS.has(name) ? undefined : value), 2);
  process.stdout.write(`${shown}\n`);
}
