// `a=rtcp-xr`: which extended reports of RTCP a party wants (RFC 3611 §5).
import type { MediaDescription, SessionDescription, WantedXr } from './types.ts';

const ATTRIBUTE = 'rtcp-xr';
/** RFC 3611 §5.1: the formats that we send, and would like to have. */
const REFERENCE_TIME = 'rcvr-rtt';
const VOIP_METRICS = 'voip-metrics';

/** @returns undefined where the description says nothing: then any may be sent (RFC 3611 §5) */
export function wantedXrOf(description: SessionDescription, line: MediaDescription): WantedXr | undefined {
  // RFC 3611 §5.1: what a section says counts before what the session says.
  const formats = formatsOf(line.attributes) ?? formatsOf(description.attributes);
  if (!formats) return undefined;
  return { referenceTime: names(formats, REFERENCE_TIME), voipMetrics: names(formats, VOIP_METRICS) };
}

/**
 * The attribute of a section of ours.
 *
 * @param offer - the section that it answers: round trips are measured where both want that (RFC 3611 §5.2); undefined
 *   where it answers none
 */
export function ownXr(offer: MediaDescription | undefined): string {
  const wantsTimes = !offer || names(formatsOf(offer.attributes) ?? [], REFERENCE_TIME);
  return `${ATTRIBUTE}:${wantsTimes ? `${REFERENCE_TIME}=all ` : ''}${VOIP_METRICS}`;
}

/** Whether one of the formats has that name, whatever its mode and greatest size. */
function names(formats: readonly string[], name: string): boolean {
  return formats.some((format) => format.split(/[=:]/, 1)[0] === name);
}

function formatsOf(attributes: readonly string[]): readonly string[] | undefined {
  const text = attributes.find((attribute) => attribute.split(':', 1)[0] === ATTRIBUTE);
  return text
    ?.slice(ATTRIBUTE.length + 1)
    .split(' ')
    .filter((format) => format !== '');
}
