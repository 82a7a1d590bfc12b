// A call in one sentence.
import type { CallView, LegView } from './call-view.ts';
import type { Finding, Verdict } from './types.ts';
import { seconds } from './words.ts';

/** What is told first, before the findings. */
export function summaryOf(call: CallView, verdict: Verdict, findings: readonly Finding[]): string {
  switch (verdict) {
    case 'unknown':
      return 'Nothing was measured: of this call nothing can be said';
    case 'fault':
    case 'risk':
      return countText(findings);
    case 'well':
      return wellText(call, findings);
  }
}

function countText(findings: readonly Finding[]): string {
  const counted = (['fault', 'risk'] as const).flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}${count === 1 ? '' : 's'}`];
  });
  return `${counted.join(' and ')} found`;
}

function wellText(call: CallView, findings: readonly Finding[]): string {
  const [first] = findings;
  if (first?.code === 'unanswered') return `Nothing is wrong: ${first.sentence}`;
  const heard = call.legs.map(heardText).filter((text) => text !== '');
  const figures = heard.length === 0 ? '' : `: ${heard.join(', ')}`;
  return `All is well in ${seconds(call.talkMs)} of conversation${figures}`;
}

function heardText({ name, report }: LegView): string {
  const { codec, inbound } = report;
  if (codec === null) return '';
  const mos = inbound.mosLq === null ? '' : `, MOS ${inbound.mosLq.toFixed(1)}`;
  return `${name} speaks ${codec}${mos}`;
}
