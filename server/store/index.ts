// What outlives the process.
export { DataFolderLock, LOCK_FILE } from './data-folder-lock.ts';
export { StoreJournal } from './journal.ts';
export { MemoryStore } from './memory-store.ts';
export { SqliteStore, type SqliteStoreOptions, STORE_FILE } from './sqlite-store.ts';
export type { CallRecord, Store, StoreChange, StoredUser } from './types.ts';
