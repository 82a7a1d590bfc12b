// DTMF digits by SIP INFO, for parties without telephone-events.
export {
  DEFAULT_DURATION_MS,
  DTMF_RELAY_TYPE,
  formatInfoDigit,
  type InfoDigit,
  parseInfoDigit,
} from './body.ts';
export { InfoDigitSender, MAX_WAITING_DIGITS } from './sender.ts';
