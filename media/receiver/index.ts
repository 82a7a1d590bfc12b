// The receiving side of one stream: decoding, concealment, stretching.
export { type PlayoutTiming, VoiceReceiver, type VoiceReceiverOptions } from './voice-receiver.ts';
