// Extended reports (RFC 3611).
export { decodeExtendedReport } from './decode.ts';
export { type EncodableXr, type EncodableXrBlock, writeExtendedReport } from './encode.ts';
export { forEachRun, reportedPackets } from './run-lengths.ts';
export * from './types.ts';
