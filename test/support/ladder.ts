// SIP ladders for people who look for a fault.
import type { TracedMessage } from './trace.ts';

/** So many lines are printed of the end of a ladder. */
const MAX_LINES = 200;

/**
 * One line a message: time in seconds, from → to, first line, CSeq.
 *
 * @param startAt - the moment that is printed as 0
 */
export function formatLadder(messages: readonly TracedMessage[], startAt = 0): string {
  if (messages.length === 0) return 'no SIP message was sent';
  const shown = messages.slice(-MAX_LINES);
  const ways = shown.map((message) => `${message.from} → ${message.to}`);
  const width = Math.max(...ways.map((way) => way.length));
  const lines = shown.map((message, i) => {
    const time = ((message.at - startAt) / 1000).toFixed(3).padStart(9);
    const fate = message.lost === undefined ? '' : `  ✗ ${message.lost}`;
    return `${time}  ${ways[i]?.padEnd(width)}  ${summaryOf(message)}${fate}`;
  });
  const left = messages.length - shown.length;
  return [...(left > 0 ? [`… ${left} messages earlier`] : []), ...lines].join('\n');
}

function summaryOf({ text, protocol }: TracedMessage): string {
  const firstLine = text.slice(0, Math.max(0, text.search(/\r?\n/)));
  const cseq = /^CSeq\s*:\s*(\d+\s+\S+)/im.exec(text)?.[1];
  const short = firstLine.replace(/ SIP\/2\.0$/, '').replace(/^SIP\/2\.0 /, '');
  return `${short}${cseq === undefined ? '' : `  (${cseq})`}${protocol === 'udp' ? '' : `  ${protocol}`}`;
}
