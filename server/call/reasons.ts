// What records say of calls that the server itself ended, or could not connect: `patchcord doctor` knows them again.
import { DecodeError } from '../../core/index.ts';
import { parseSdp } from '../../signaling/index.ts';

export const REASONS = {
  noPhone: 'no phone is registered',
  noReaction: 'no phone reacted',
  noAnswer: 'nobody answered in time',
  callerLeft: 'the caller hung up',
  inactive: 'neither RTP nor RTCP arrived any more',
  /** Of a call whose sound goes past the server. */
  phoneGone: 'a phone does not answer any more',
  /** Goes before the engine's own words. */
  mediaFailed: 'the media engine failed: ',
  noSharedCodec: 'no codec is shared',
  uselessAnswer: 'the answer made no sense',
  noAudio: 'the offer has no audio that we could carry',
  encryptedOffer: 'the offer has encrypted sound alone (SRTP), which this server does not carry',
  /** The caller's phone calls again without. */
  notPassedOn: 'sound or data that is secured end to end goes to users of this server alone',
  passingOff: 'sound and data go through this server alone (media.direct: off)',
  recorded: 'all calls are recorded here, and what is secured end to end cannot be',
  securedRefused: 'the phone takes no call that is secured end to end',
  dataRefused: 'the phone takes no files',
  plainAnswer: 'the phone answered without the security that it was offered',
  serverStops: 'the server stops',
} as const;

/** Why an offer, of which no audio can be carried, is refused. */
export function reasonOfOffer(text: string): string {
  const description = parseSdp(text);
  if (description instanceof DecodeError) return REASONS.noAudio;
  const audio = description.media.filter(({ kind, port }) => kind === 'audio' && port !== 0);
  // RFC 4568, RFC 5764: keys in SDP, or agreed on by DTLS.
  const isEncrypted = audio.length > 0 && audio.every(({ protocol }) => /SAVPF?$/.test(protocol));
  return isEncrypted ? REASONS.encryptedOffer : REASONS.noAudio;
}
