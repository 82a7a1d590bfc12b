// The SIP endpoint: what dialogs and user agents stand on.
export { openSipEndpoint } from './sip-endpoint.ts';
export type * from './types.ts';
