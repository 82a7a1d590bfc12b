// Capabilities that do not depend on the codecs that are loaded.
import type { Capability } from './offer-answer.ts';

/** RFC 4733 §2.5.1: the sixteen DTMF events, under the payload type that every phone uses. */
export const TELEPHONE_EVENT: Capability = {
  payloadType: 101,
  encoding: 'telephone-event',
  clockRateHz: 8000,
  channels: 1,
  formatParameters: '0-15',
};

/** RFC 3389 §4: comfort noise beside sound of 8000 Hz, under its static payload type. */
export const COMFORT_NOISE: Capability = {
  payloadType: 13,
  encoding: 'cn',
  clockRateHz: 8000,
  channels: 1,
};
