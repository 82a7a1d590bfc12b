// DTMF digits in RTP: RFC 4733.
export { DIGITS, TelephoneEventReceiver } from './receiver.ts';
export { type EventPacket, TelephoneEventSender } from './sender.ts';
