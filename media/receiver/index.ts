// The receiving side of one stream: decoding, concealment, stretching.
export {
  type PlayoutTiming,
  type ReceiverStatistics,
  VoiceReceiver,
  type VoiceReceiverOptions,
} from './voice-receiver.ts';
