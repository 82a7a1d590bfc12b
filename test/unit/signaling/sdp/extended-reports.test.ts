import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../../../core/index.ts';
import {
  answerOffer,
  createOffer,
  formatSdp,
  relayAnswer,
  relayOffer,
  remoteMediaOf,
} from '../../../../signaling/sdp/index.ts';
import { description, OWN, PHONE_LINES } from './samples.ts';

const PCMU = { payloadType: 0, encoding: 'pcmu', clockRateHz: 8000, channels: 1 };
const AUDIO_END = PHONE_LINES.indexOf('a=sendrecv');

/** A phone whose audio section, and whose session, say so. */
const phone = (section?: string, session?: string) =>
  description([
    ...PHONE_LINES.slice(0, 5),
    ...(session === undefined ? [] : [session]),
    ...PHONE_LINES.slice(5, AUDIO_END),
    ...(section === undefined ? [] : [section]),
    ...PHONE_LINES.slice(AUDIO_END),
  ]);

describe('a=rtcp-xr of a party (RFC 3611 §5.1)', () => {
  it.each([
    { name: 'nothing said: any may be sent', expected: undefined },
    { name: 'both', section: 'a=rtcp-xr:rcvr-rtt=all:10000 voip-metrics', expected: [true, true] },
    { name: 'round trips of senders', section: 'a=rtcp-xr:rcvr-rtt=sender', expected: [true, false] },
    {
      name: 'others, with sizes',
      section: 'a=rtcp-xr:pkt-loss-rle=200 stat-summary=loss,dup voip-metrics',
      expected: [false, true],
    },
    { name: 'none', section: 'a=rtcp-xr:', expected: [false, false] },
    { name: 'none, without a colon', section: 'a=rtcp-xr', expected: [false, false] },
    { name: 'what the session says', session: 'a=rtcp-xr:voip-metrics', expected: [false, true] },
    {
      name: 'the section before the session',
      section: 'a=rtcp-xr:',
      session: 'a=rtcp-xr:voip-metrics',
      expected: [false, false],
    },
    {
      name: 'names that only begin so',
      section: 'a=rtcp-xr:rcvr-rtts voip-metrics-2',
      expected: [false, false],
    },
    { name: 'an attribute that only begins so', section: 'a=rtcp-xrs:voip-metrics', expected: undefined },
  ])('$name', ({ section, session, expected }) => {
    const [referenceTime, voipMetrics] = expected ?? [];
    expect(remoteMediaOf(phone(section, session))?.wantedXr).toEqual(
      expected && { referenceTime, voipMetrics },
    );
  });
});

describe('a=rtcp-xr of ours', () => {
  const ALL = 'a=rtcp-xr:rcvr-rtt=all voip-metrics';
  const METRICS = 'a=rtcp-xr:voip-metrics';
  const linesOf = (ours: ReturnType<typeof answerOffer>) =>
    ours instanceof DecodeError
      ? []
      : formatSdp(ours)
          .split('\r\n')
          .filter((line) => line.startsWith('a=rtcp-xr'));

  it('stands once in every offer, whatever the other party said', () => {
    expect(linesOf(createOffer({ ...OWN, formats: [PCMU] }))).toEqual([ALL]);
    expect(linesOf(relayOffer(phone('a=rtcp-xr:pkt-dup-rle'), OWN))).toEqual([ALL]);
  });

  it.each([
    { offered: 'a=rtcp-xr:rcvr-rtt=all voip-metrics', answered: ALL },
    { offered: 'a=rtcp-xr:stat-summary', answered: METRICS },
    { offered: undefined, answered: METRICS },
  ])('of an answer wants round trips only where $offered does (RFC 3611 §5.2)', ({ offered, answered }) => {
    const offer = phone(offered);
    expect(linesOf(answerOffer(offer, { ...OWN, formats: [PCMU] }))).toEqual([answered]);
    expect(linesOf(relayAnswer(offer, phone(), OWN))).toEqual([answered]);
  });
});
