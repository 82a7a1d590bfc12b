// Options that name a server's configuration, shared by the commands that read one.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { UsageError } from '../core/index.ts';
import {
  type Configuration,
  loadConfiguration,
  SETTINGS,
  SqliteStore,
  STORE_FILE,
  variableOf,
} from '../server/index.ts';

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

/** How a command uses the store. */
export interface StoreAccess {
  /** The store is made where it is missing; otherwise a folder with a slip in its name is told of, not made. */
  readonly isMade?: boolean;
}

/** The store of the configured data folder. Whoever opens it closes it. @throws UsageError where nobody has made one */
export function openStore(
  flags: ServerFlags,
  options: StoreAccess = {},
): { readonly store: SqliteStore; readonly configuration: Configuration } {
  const configuration = configurationOf(flags);
  if (!options.isMade) checkExists(configuration);
  return { store: SqliteStore.open({ dataFolder: configuration.dataFolder }), configuration };
}

/** Opens the store for one command, and closes it. @throws as {@link openStore} */
export function withStore<Result>(
  flags: ServerFlags,
  work: (store: SqliteStore, configuration: Configuration) => Result,
  options: StoreAccess = {},
): Result {
  const { store, configuration } = openStore(flags, options);
  try {
    return work(store, configuration);
  } finally {
    store.close();
  }
}

function checkExists({ dataFolder }: Configuration): void {
  if (existsSync(join(dataFolder, STORE_FILE))) return;
  const what = existsSync(dataFolder) ? `has no ${STORE_FILE}` : 'does not exist';
  throw new UsageError(
    `the data folder "${dataFolder}" ${what}; name that of your server with --data-folder, or run "patchcord serve" once`,
  );
}
