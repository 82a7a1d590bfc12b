// Two softphones in conversation, each end as its own phone has it.
import type { IncomingPhoneCall, OutgoingPhoneCall, Softphone } from '../../softphone/index.ts';
import type { World } from './world.ts';

export interface AnsweredCall {
  readonly outgoing: OutgoingPhoneCall;
  readonly incoming: IncomingPhoneCall;
}

/** Alice calls bob, who accepts this call and those that follow. */
export async function answeredCall(world: World, alice: Softphone, bob: Softphone): Promise<AnsweredCall> {
  const calls: IncomingPhoneCall[] = [];
  bob.on('call', (call) => {
    calls.push(call);
    void call.accept();
  });
  const outgoing = await world.complete(alice.call('bob'));
  await world.runUntil(() => outgoing.state === 'answered' && calls[0]?.state === 'answered', {
    what: 'the answer',
  });
  const [incoming] = calls;
  if (!incoming) throw new Error('bob was not called');
  return { outgoing, incoming };
}
