// A client of TURN servers (RFC 8656).
export { REFRESH_MARGIN_MS, TURN_CLOSE_LIMIT_MS, TURN_KEEP_ALIVE_MS, TurnClient } from './client.ts';
export type * from './types.ts';
