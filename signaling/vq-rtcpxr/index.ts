// Voice quality reports (RFC 6035).
export { formatVqReport } from './format.ts';
export {
  farEndMetricsOf,
  type MeasuredBursts,
  type MeasuredDirection,
  type MeasuredSurroundings,
  metricsOf,
  type ToldByFarEnd,
} from './from-quality.ts';
export { MAX_VQ_BODY_BYTES, parseVqReport } from './parse.ts';
export * from './types.ts';
