// Hold: who put whom on it, and whether it lasted to the end.
import type { CallView, LegView } from '../call-view.ts';
import { ofCall, ofParty } from '../finding.ts';
import { SHORTEST_TALK_MS } from '../thresholds.ts';
import type { Finding } from '../types.ts';
import { msEvidence, seconds, textEvidence } from '../words.ts';
import type { Rule } from './rule.ts';

/** A hold over this share of the conversation, to its end, is what people call "no sound". */
const MOST = 0.5;

const HOLD: Rule = (call) => {
  const heldMs = Math.max(0, ...call.legs.map(heldMsOf));
  if (!call.isAnswered || heldMs < SHORTEST_TALK_MS) return [];
  const holder = holderOf(call);
  const isAtEnd = call.legs.some(({ facts }) => facts?.direction !== null && facts?.direction !== 'sendrecv');
  const who = holder ? `${holder.otherName} was put on hold by ${holder.name}` : 'The call was on hold';
  const until = !isAtEnd ? 'and was taken up again' : call.isLive ? 'and still is' : 'to its end';
  const isFault = isAtEnd && heldMs >= MOST * call.talkMs;
  const said = {
    severity: isFault ? ('fault' as const) : ('note' as const),
    sentence: `${who} for ${seconds(heldMs)} of ${seconds(call.talkMs)}, ${until}`,
    ...(isFault ? { mend: mendFor(holder) } : {}),
    evidence: [
      msEvidence('held', heldMs),
      ...call.legs.flatMap(({ name, report }) => {
        const direction = report.party?.described?.direction;
        return direction ? [textEvidence(`SDP of ${name}`, direction)] : [];
      }),
    ],
  };
  const finding: Finding = holder ? ofParty('hold', holder, said) : ofCall('hold', said);
  return [finding];
};

function heldMsOf({ facts, call }: LegView): number {
  return facts ? Math.min(call.talkMs, Math.max(facts.noReceiveMs, facts.noSendMs)) : 0;
}

/** Whose SDP says that it does not listen (RFC 3264 §8.4); the held one answers `recvonly`. Both say `inactive`. */
function holderOf(call: CallView): LegView | undefined {
  const deaf = call.legs.filter(({ report }) => {
    const direction = report.party?.described?.direction;
    return direction === 'sendonly' || direction === 'inactive';
  });
  return deaf.length === 1 ? deaf[0] : undefined;
}

function mendFor(holder: LegView | undefined): string {
  const whose = holder ? `${holder.name}'s phone` : 'the phones';
  return `take the call up again on ${whose}; where nobody pressed hold, look for "a=sendonly" or "a=inactive" in what it sends`;
}

/** Hold. */
export const HOLD_RULES: readonly Rule[] = [HOLD];
