// Between parties that do not speak alike.
export { CodecSource } from './codec-source.ts';
export { ConversionMaker } from './conversion-maker.ts';
export { type ConversionPlan, frameMsFor, planConversion } from './conversion-plan.ts';
export { PacketStream } from './packet-stream.ts';
export type { Transcoder } from './transcoder.ts';
