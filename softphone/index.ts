// A phone: as a library, and under the commands.
export type { AccountOptions, PhoneTransport } from './account.ts';
export { parseServer, parseTarget } from './account.ts';
export { type Comparison, compareSounds, isSameSound } from './audio/comparison.ts';
export { hasDevices, SpeakerSink } from './audio/devices.ts';
export { type Excerpt, type FileSound, openFileSound } from './audio/file-sound.ts';
export { intelligibility, LEAST_INTELLIGIBILITY } from './audio/intelligibility.ts';
export { MemorySink } from './audio/memory-sink.ts';
export {
  type MakeSink,
  type MakeSource,
  PLAY_FORMS,
  type PlayOption,
  parsePlayOption,
  prepareSink,
  prepareSource,
} from './audio/sound-options.ts';
export { WavRecorder } from './audio/wav-recorder.ts';
export * from './files/index.ts';
export type { IceServers, StunServer } from './ice-servers.ts';
export { IncomingPhoneCall } from './incoming-call.ts';
export type { Redundancy } from './negotiation.ts';
export * from './options.ts';
export { OutgoingPhoneCall } from './outgoing-call.ts';
export { PhoneCall, type PhoneCallEvents, type PhoneCallState } from './phone-call.ts';
export * from './ping.ts';
export * from './recorded/index.ts';
export type { RegistrationState } from './registration.ts';
export * from './report/index.ts';
export { ROOM_KEYS_HELP } from './room-commands.ts';
export { cleanChatLine } from './secure/chat.ts';
export { IncomingDataCall } from './secure/data-call.ts';
export { createSoftphone, Softphone, type SoftphoneEvents } from './softphone.ts';
