// Calls: back-to-back user agent, forwarding and services.
export { createCallHandler } from './call-handler.ts';
export * from './types.ts';
