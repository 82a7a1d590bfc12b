// How messages travel: sockets, connections, Via (RFC 3261 §18).
export type { BindOptions } from './bind.ts';
export { type ConnectionLimits, DEFAULT_CONNECTION_LIMITS } from './limits.ts';
export { type Listening, type TransportOptions, Transports } from './transports.ts';
export type { Flow, TransportProtocol } from './types.ts';
export { DEFAULT_SIP_PORT, isNumericHost, responseDestination, unbracketed, viaWithSource } from './via.ts';
