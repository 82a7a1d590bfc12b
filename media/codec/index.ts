// Codecs behind one interface: Opus, G.722, G.711, L16.
export {
  type ComfortNoise,
  ComfortNoiseGenerator,
  decodeComfortNoise,
  encodeComfortNoise,
  measureNoise,
} from './comfort-noise.ts';
export { aLaw, decodeG711, encodeG711, type G711Law, muLaw } from './g711.ts';
export { G711Codec, pcmaDescription, pcmuDescription } from './g711-codec.ts';
export { G722Decoder, G722Encoder } from './g722.ts';
export { G722Codec, g722Description } from './g722-codec.ts';
export { describeL16, L16Codec, type L16Rate } from './l16-codec.ts';
export { describeOpus, opusDescription } from './opus-codec.ts';
export { type OpusSound, sendsOpusStereo, wantsOpusStereo } from './opus-parameters.ts';
export { PitchConcealment } from './pitch-concealment.ts';
export * from './registry.ts';
export * from './types.ts';
