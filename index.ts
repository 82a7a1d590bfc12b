// The library: a phone system and phones, in the same process.
export { OperationError, UsageError } from './core/index.ts';
export {
  type CallRecord,
  type ConfigurationInput,
  createServer,
  MemoryStore,
  type PatchcordServer,
  type ServerCounts,
  type ServerEvents,
  type ServerOptions,
  SqliteStore,
  type Store,
} from './server/index.ts';
export { createSoftphone, type Softphone, type SoftphoneOptions } from './softphone/index.ts';
