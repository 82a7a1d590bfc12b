// How the sender answers what the far end reports.
export * from './loss-response.ts';
export type { Reception } from './types.ts';
