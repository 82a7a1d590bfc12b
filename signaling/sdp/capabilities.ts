// What services of the server itself can play, hear and echo.
import type { Capability } from './offer-answer.ts';

/** Formats of services that end here, in order of preference. */
export const SERVICE_FORMATS: readonly Capability[] = [
  {
    payloadType: 111,
    encoding: 'opus',
    clockRateHz: 48_000,
    channels: 2,
    formatParameters: 'useinbandfec=1',
  },
  { payloadType: 0, encoding: 'pcmu', clockRateHz: 8000, channels: 1 },
  { payloadType: 8, encoding: 'pcma', clockRateHz: 8000, channels: 1 },
  {
    payloadType: 101,
    encoding: 'telephone-event',
    clockRateHz: 8000,
    channels: 1,
    formatParameters: '0-15',
  },
];

/** As options of `answerOffer` and `createOffer`. */
export const SERVICE_CAPABILITIES = { formats: SERVICE_FORMATS } as const;
