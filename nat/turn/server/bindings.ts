// Answers Binding beside TURN: over connections as RFC 8489 has it, over UDP all that RFC 5780 asks for.
import { invariant, isSameEndpoint, type Random } from '../../../core/index.ts';
import {
  type AlternateEndpoints,
  endpointAt,
  SERVER_SOCKETS,
  type ServerSocket,
} from '../../behaviour/alternates.ts';
import {
  type BehaviourAnswer,
  type BehaviourAsker,
  BehaviourResponder,
} from '../../behaviour/behaviour-responder.ts';
import { BindingResponder } from '../../stun/binding-responder.ts';
import type { StunMessage } from '../../stun/message.ts';
import type { DropReason } from './counters.ts';
import type { TurnClient, UdpClientPort } from './types.ts';

/** What was answered, and what was not. */
export interface BindingsCounters {
  readonly answered: number;
  /** Of these, from another socket than was asked, or to another port. */
  readonly redirected: number;
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
}

/** Ports that answer for each other, in the order of {@link SERVER_SOCKETS}; or a port that answers for itself. */
interface Site {
  readonly responder: BehaviourResponder;
  readonly ports: readonly UdpClientPort[];
}

/** Holds nothing of those who ask. */
export class Bindings {
  readonly #random: Random;
  readonly #overStreams = new BindingResponder();
  /** Of all ports that are in no site of four. */
  readonly #single: BehaviourResponder;
  readonly #sites: Site[] = [];
  /** Answers over streams whose clients do not read. */
  #untaken = 0;

  constructor(random: Random) {
    this.#random = random;
    this.#single = new BehaviourResponder({ random });
  }

  get counters(): BindingsCounters {
    const { answered, dropped } = this.#overStreams.counters;
    const all = [this.#single, ...this.#sites.map(({ responder }) => responder)];
    const sum = (name: keyof BehaviourResponder['counters']) =>
      all.reduce((total, { counters }) => total + counters[name], 0);
    return {
      answered: answered + sum('answered') + sum('answeredClassic'),
      redirected: sum('redirected'),
      dropped: {
        malformed: sum('malformed'),
        unexpected: dropped + sum('dropped'),
        reflectionLimit: sum('limited'),
        clientSlow: this.#untaken,
      },
    };
  }

  /** From now on those four of the ports answer for each other. */
  join(alternates: AlternateEndpoints, ports: readonly UdpClientPort[]): void {
    const four = SERVER_SOCKETS.map((socket) => {
      const endpoint = endpointAt(alternates, socket);
      const port = ports.find(({ local }) => isSameEndpoint(local, endpoint));
      invariant(port, 'checkOptions() found all four among what is listened on');
      return port;
    });
    this.#sites.push({
      responder: new BehaviourResponder({ random: this.#random, alternates }),
      ports: four,
    });
  }

  handleMessage(now: number, client: TurnClient, message: StunMessage): void {
    const { port } = client;
    if (port) {
      return this.#answer(client, port, (responder, asker) => responder.handleMessage(now, message, asker));
    }
    const answer = this.#overStreams.handleMessage(message, client.remote);
    if (answer && !client.send(answer)) this.#untaken += 1;
  }

  /** What cannot be read as a message of today. @returns false where it came over a stream */
  handleUndecoded(now: number, client: TurnClient, bytes: Uint8Array): boolean {
    const { port } = client;
    if (!port) return false;
    this.#answer(client, port, (responder, asker) => responder.handleUndecoded(now, bytes, asker));
    return true;
  }

  #answer(
    { remote }: TurnClient,
    port: UdpClientPort,
    ask: (responder: BehaviourResponder, asker: BehaviourAsker) => BehaviourAnswer | undefined,
  ): void {
    const { responder, ports } = this.#sites.find((site) => site.ports.includes(port)) ?? {
      responder: this.#single,
      ports: [port],
    };
    const socket = SERVER_SOCKETS[ports.indexOf(port)] ?? SERVER_SOCKETS[0];
    const answer = ask(responder, { source: remote, socket });
    if (answer) portAt(ports, answer.socket)?.send(answer.bytes, answer.remote);
  }
}

function portAt(ports: readonly UdpClientPort[], { address, port }: ServerSocket): UdpClientPort | undefined {
  return ports[SERVER_SOCKETS.findIndex((socket) => socket.address === address && socket.port === port)];
}
