// STUN on the SIP ports: tells phones how their NAT shows them, and so lets them keep its mapping (RFC 5626 §4.4.2, §8),
// and measure how long that lives (RFC 5780 §4.6).
import type { Runtime } from '../core/index.ts';
import { BehaviourResponder } from '../nat/index.ts';
import type { SipEndpoint } from '../signaling/index.ts';

/** Answers Binding requests from now on. Nobody closes it: it has no state but its counts. */
export function answerStunOn(
  { clock, random }: Pick<Runtime, 'clock' | 'random'>,
  endpoint: Pick<SipEndpoint, 'on' | 'sendNonSip'>,
): BehaviourResponder {
  const responder = new BehaviourResponder({ random: random.fork('STUN on SIP') });
  endpoint.on('nonSip', ({ bytes, flow }) => {
    const answer = responder.handleDatagram(clock.now(), bytes, { source: flow.remote });
    if (answer) endpoint.sendNonSip(answer.bytes, { ...flow, remote: answer.remote });
  });
  return responder;
}
