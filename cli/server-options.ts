// Options that name a server's configuration, shared by the commands that read one.
import type { Command } from 'commander';
import { type Configuration, loadConfiguration, SETTINGS, SqliteStore, variableOf } from '../server/index.ts';

/** What commander makes of the options: text, whatever it means. */
export type ServerFlags = Readonly<Record<string, unknown>> & { readonly config?: string };

/** Adds `--config` and those of the settings that the command needs; all of them where none are named. */
export function addServerOptions(command: Command, flags?: readonly string[]): Command {
  command.option('--config <file>', 'configuration file; patchcord.yaml where it is not given and exists');
  for (const setting of SETTINGS) {
    if (flags && !flags.includes(setting.flag)) continue;
    command.option(`--${setting.flag} <${setting.value}>`, `${setting.help} (${variableOf(setting)})`);
  }
  return command;
}

/** Flags beat environment beats file. @throws UsageError */
export function configurationOf(flags: ServerFlags): Configuration {
  return loadConfiguration({ file: flags.config, flags, environment: process.env });
}

/** Opens the store of the configured data folder for one command. */
export function withStore<Result>(
  flags: ServerFlags,
  work: (store: SqliteStore, configuration: Configuration) => Result,
): Result {
  const configuration = configurationOf(flags);
  const store = SqliteStore.open({ dataFolder: configuration.dataFolder });
  try {
    return work(store, configuration);
  } finally {
    store.close();
  }
}
