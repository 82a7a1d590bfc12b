// How the sender answers what the far end reports.
export * from './loss-response.ts';
export * from './report-reader.ts';
export * from './tune-encoder.ts';
export type * from './types.ts';
