// Transactions: retransmission, matching, timers (RFC 3261 §17, RFC 6026).
export type { ClientRecord } from './client-record.ts';
export type { OutgoingRequest } from './client-transactions.ts';
export type { ClientUser, ServerUser, TransactionFailure, TransactionOutput } from './outputs.ts';
export { ServerRecord } from './server-record.ts';
export { T1, T2, T4 } from './timers.ts';
export { MAGIC_COOKIE } from './transaction-key.ts';
export {
  DEFAULT_MAX_SERVER_TRANSACTIONS,
  type TransactionCounters,
  TransactionLayer,
  type TransactionLayerOptions,
} from './transaction-layer.ts';
