// Between parties that do not speak alike.
export { CodecSource } from './codec-source.ts';
export { type ConversionPlan, planConversion } from './conversion-plan.ts';
export { PacketStream } from './packet-stream.ts';
