// From a description to SDP text.
import { type SessionDescription as Transformed, write } from 'sdp-transform';
import { invariant } from '../../core/index.ts';
import { registeredSpelling } from './formats.ts';
import type { MediaDescription, SessionDescription } from './types.ts';

type TransformedMedia = Transformed['media'][number];

/** The description as text. Sections with port 0 are written without attributes. */
export function formatSdp(description: SessionDescription): string {
  const { origin, sessionName, attributes, media } = description;
  const address = media.find((section) => section.port !== 0)?.address ?? origin.address;
  const session: Transformed = {
    version: 0,
    origin: {
      username: origin.username,
      sessionId: origin.sessionId,
      // Text is written as it is: a version of 64 bits must not pass through a number.
      sessionVersion: 0,
      netType: 'IN',
      ipVer: familyOf(origin.address),
      address: origin.address,
    },
    name: sessionName === '' ? '-' : sessionName,
    connection: { version: familyOf(address), ip: address },
    timing: { start: 0, stop: 0 },
    invalid: attributes.map((value) => ({ value })),
    media: media.map((section) => transformed(section, address)),
  };
  const text = write(session).replace(/^(o=\S+ \S+) 0 /m, `$1 ${origin.version} `);
  // sdp-transform writes what it is given: a line break in a value would be a line of somebody's choice.
  invariant(countLines(text) === expectedLines(session), 'no value of a description has a line break');
  return text;
}

function transformed(section: MediaDescription, sessionAddress: string): TransformedMedia {
  const { kind, port, protocol, formats, formatList, address } = section;
  const list = formats.length > 0 ? formats.map((format) => String(format.payloadType)) : formatList;
  const line = { type: kind, port, protocol, payloads: list.join(' ') };
  if (port === 0) return { ...line, rtp: [], fmtp: [] };
  return {
    ...line,
    ...(address !== undefined && address !== sessionAddress
      ? { connection: { version: familyOf(address), ip: address } }
      : {}),
    rtp: formats.map(({ payloadType, encoding, clockRateHz, channels }) => ({
      payload: payloadType,
      codec: registeredSpelling(encoding),
      rate: clockRateHz,
      ...(channels > 1 ? { encoding: channels } : {}),
    })),
    fmtp: formats.flatMap(({ payloadType, formatParameters }) =>
      formatParameters === undefined ? [] : [{ payload: payloadType, config: formatParameters }],
    ),
    ...(section.ptimeMs === undefined ? {} : { ptime: section.ptimeMs }),
    ...(section.maxptimeMs === undefined ? {} : { maxptime: section.maxptimeMs }),
    ...(section.mid === undefined ? {} : { mid: section.mid }),
    ...(section.rtcp === undefined ? {} : { rtcp: rtcpOf(section.rtcp) }),
    ...(section.rtcpMux ? { rtcpMux: 'rtcp-mux' as const } : {}),
    direction: section.direction,
    invalid: section.attributes.map((value) => ({ value })),
  };
}

function rtcpOf(rtcp: NonNullable<MediaDescription['rtcp']>): NonNullable<TransformedMedia['rtcp']> {
  const { port, address } = rtcp;
  return address === undefined ? { port } : { port, netType: 'IN', ipVer: familyOf(address), address };
}

function familyOf(address: string): 4 | 6 {
  return address.includes(':') ? 6 : 4;
}

function countLines(text: string): number {
  return text.split(/\r\n|\r|\n/).length - 1;
}

/** v, o, s, c, t and attributes; then for each section m and its lines. */
function expectedLines(session: Transformed): number {
  const sections = session.media.map((media) => {
    const single = [
      media.connection,
      media.ptime,
      media.maxptime,
      media.mid,
      media.rtcp,
      media.rtcpMux,
      media.direction,
    ];
    const lists = [media.rtp, media.fmtp, media.invalid ?? []];
    return (
      1 +
      single.filter((value) => value !== undefined).length +
      lists.reduce((sum, list) => sum + list.length, 0)
    );
  });
  return 5 + (session.invalid?.length ?? 0) + sections.reduce((sum, count) => sum + count, 0);
}
