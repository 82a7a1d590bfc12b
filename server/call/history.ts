// Tells the target of a forwarding whom the call was meant for, and why it came: History-Info and Diversion.
import type { HeaderField } from '../../signaling/index.ts';
import type { ForwardReason, Hop } from './forwarding.ts';

interface Wording {
  /** SIP status that stands for the reason (RFC 7044 §5: Reason within the History-Info URI). */
  readonly cause: number;
  /** RFC 5806 §3. */
  readonly diversion: string;
}

const WORDING: Readonly<Record<ForwardReason, Wording>> = {
  always: { cause: 302, diversion: 'unconditional' },
  busy: { cause: 486, diversion: 'user-busy' },
  noAnswer: { cause: 408, diversion: 'no-answer' },
  unreachable: { cause: 480, diversion: 'unavailable' },
  deflection: { cause: 302, diversion: 'deflection' },
};

/**
 * The headers for a call that was forwarded.
 *
 * @param hops - oldest first; none gives no headers
 * @param target - text URI of whom the call now goes to
 */
export function forwardingHeaders(hops: readonly Hop[], target: string): HeaderField[] {
  if (hops.length === 0) return [];
  return [['History-Info', historyInfo(hops, target)], ...hops.toReversed().map(diversionOf)];
}

/** RFC 7044 §7: each entry's index hangs below the one before, `mp` names the entry it was mapped from. */
function historyInfo(hops: readonly Hop[], target: string): string {
  const entries = hops.map((hop, depth) => {
    const reason = encodeURIComponent(`SIP;cause=${WORDING[hop.reason].cause}`);
    return `<${hop.from}?Reason=${reason}>;index=${indexAt(depth)}${mappedFrom(depth)}`;
  });
  return [...entries, `<${target}>;index=${indexAt(hops.length)}${mappedFrom(hops.length)}`].join(', ');
}

function indexAt(depth: number): string {
  return Array(depth + 1)
    .fill('1')
    .join('.');
}

function mappedFrom(depth: number): string {
  return depth === 0 ? '' : `;mp=${indexAt(depth - 1)}`;
}

/** RFC 5806 §5: the latest diversion comes first; many phones read only this header. */
function diversionOf(hop: Hop): HeaderField {
  return ['Diversion', `<${hop.from}>;reason=${WORDING[hop.reason].diversion};counter=1`];
}
