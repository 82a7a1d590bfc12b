// RTCP: reports, descriptions and goodbyes, and when to send them.
export * from './decode.ts';
export * from './encode.ts';
export * from './interval.ts';
export * from './types.ts';
export * from './xr/index.ts';
