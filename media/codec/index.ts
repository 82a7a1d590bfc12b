// Codecs: G.711 and Opus behind one interface.
export { aLaw, decodeG711, encodeG711, type G711Law, muLaw } from './g711.ts';
export { G711Codec, pcmaDescription, pcmuDescription } from './g711-codec.ts';
export { CONCEALMENT_DELAY_SAMPLES, G711Concealment } from './g711-concealment.ts';
export { describeOpus, opusDescription } from './opus-codec.ts';
export type { OpusSound } from './opus-parameters.ts';
export * from './registry.ts';
export * from './types.ts';
