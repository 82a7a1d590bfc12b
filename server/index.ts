// The phone system.
export {
  makeFirstAccounts,
  makePassword,
  settleRealm,
  UserAdministration,
  type UserToAdd,
} from './accounts/index.ts';
export type { Account, Disposition, ForwardKind, ForwardSettings } from './call/index.ts';
export {
  type Configuration,
  type ConfigurationInput,
  type ConfigurationSources,
  EXAMPLE_CONFIGURATION,
  loadConfiguration,
  optionKeyOf,
  SECRETS,
  SETTINGS,
  type Setting,
  variableOf,
} from './config/index.ts';
export {
  type Diagnosis,
  diagnose,
  type Evidence,
  FINDING_CODES,
  type Finding,
  type FindingCode,
  type Severity,
  type Verdict,
} from './doctor/index.ts';
export { listeningTexts } from './listen.ts';
export type { OpenMediaOptions, ServerOptions, ServerSurroundings } from './options.ts';
export { followLive, type LiveCalls, type PhoneReport, readLive } from './quality/index.ts';
export type {
  RoomEvent,
  RoomHandle,
  RoomMemberState,
  RoomRecorder,
  RoomRecording,
  RoomRole,
  RoomState,
} from './room/index.ts';
export {
  createServer,
  type PatchcordServer,
  type ServerCounts,
  type ServerEvents,
  startServer,
} from './server.ts';
export {
  type CallRecord,
  MemoryStore,
  SqliteStore,
  type SqliteStoreOptions,
  STORE_FILE,
  type Store,
  type StoreChange,
  type StoredUser,
} from './store/index.ts';
