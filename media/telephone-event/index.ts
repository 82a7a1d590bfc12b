// DTMF digits: as events in RTP (RFC 4733), and as sound (ITU-T Q.23, Q.24).
export { DTMF_RATE_HZ, DtmfDetector } from './dtmf-detector.ts';
export { DtmfTones } from './dtmf-tones.ts';
export { DIGITS, type ReceivedDigit, TelephoneEventReceiver } from './receiver.ts';
export { type EventPacket, TelephoneEventSender } from './sender.ts';
