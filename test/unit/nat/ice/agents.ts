// Two agents without hosts or sockets: what one sends is handed to the other, or to nobody.
import { type Endpoint, isSameEndpoint, SeededRandom } from '../../../../core/index.ts';
import { IceAgent } from '../../../../nat/ice/agent.ts';
import type { IceDatagram, IceRole } from '../../../../nat/ice/types.ts';
import { candidateOf } from './samples.ts';

/** Where neither of two agents is. */
export const ELSEWHERE = { address: '203.0.113.66', port: 6666 };

/** An agent with one base, 1, whose candidate is a host on the internet. */
export class Party {
  readonly agent: IceAgent;
  readonly endpoint: Endpoint;
  readonly candidate;

  constructor(role: IceRole, last: number) {
    this.agent = new IceAgent({ random: new SeededRandom(last), role, components: 1 });
    this.candidate = candidateOf('host', last);
    this.endpoint = this.candidate.endpoint;
    this.agent.addLocalCandidate(0, { candidate: this.candidate, base: 1 });
    this.agent.endOfLocalCandidates(0);
  }

  get description() {
    return { credentials: this.agent.credentials, candidates: [this.candidate] };
  }

  take(now: number, { bytes }: IceDatagram, source: Endpoint): boolean {
    return this.agent.handleDatagram(now, bytes, { base: 1, remote: source });
  }
}

export function openParties(): readonly [Party, Party] {
  return [new Party('controlling', 11), new Party('controlled', 12)];
}

export function introduce([a, b]: readonly [Party, Party], now = 0): void {
  a.agent.setRemote(now, b.description);
  b.agent.setRemote(now, a.description);
}

/** Lets time pass, and packets without any. */
export function play(parties: readonly [Party, Party], from: number, untilAt: number): void {
  for (let now = from; now <= untilAt; ) {
    pass(now, parties);
    const next = parties.map(({ agent }) => agent.nextTimeoutAt() ?? Number.POSITIVE_INFINITY);
    now = Math.max(now + 1, Math.min(...next));
    if (now <= untilAt) for (const { agent } of parties) agent.handleTimeout(now);
  }
}

function pass(now: number, [a, b]: readonly [Party, Party]): void {
  for (let isBusy = true; isBusy; ) {
    isBusy = false;
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const datagrams = from.agent.takeDatagrams();
      isBusy ||= datagrams.length > 0;
      for (const datagram of datagrams) {
        if (isSameEndpoint(datagram.remote, to.endpoint)) to.take(now, datagram, from.endpoint);
      }
    }
  }
}
