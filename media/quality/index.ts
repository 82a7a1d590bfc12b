// Call quality: the E-model, MOS over time, reports.
export * from './burst-gap.ts';
export * from './codecs.ts';
export * from './direction.ts';
export * from './e-model.ts';
export * from './mos-history.ts';
export * from './rating.ts';
export * from './rating-history.ts';
export type * from './types.ts';
