// What "patchcord nat" says: in RFC 4787's words, and in plain ones.
import { formatEndpoint } from '../core/index.ts';
import {
  type BehaviourDoubt,
  type BehaviourReport,
  type DoubtfulProperty,
  type MappingLifetime,
  type NatBehaviour,
  type NatKind,
  type Reachability,
  reachabilityOf,
} from '../nat/index.ts';
import type { Paint } from '../softphone/index.ts';

/** A kind of peer that a person can picture. */
export interface PeerKind extends NatKind {
  readonly name: string;
}

export const PEER_KINDS: readonly PeerKind[] = [
  {
    name: 'no NAT and no firewall',
    mapping: 'endpoint-independent',
    filtering: 'endpoint-independent',
  },
  {
    name: 'endpoint-independent mapping, address-dependent filtering',
    mapping: 'endpoint-independent',
    filtering: 'address-dependent',
  },
  {
    name: 'endpoint-independent mapping, address-and-port-dependent filtering (most routers at home)',
    mapping: 'endpoint-independent',
    filtering: 'address-and-port-dependent',
  },
  {
    name: 'address-and-port-dependent mapping (mobile networks, strict firewalls)',
    mapping: 'address-and-port-dependent',
    filtering: 'address-and-port-dependent',
  },
];

const MAPPING_WORDS: Readonly<Record<NatBehaviour, string>> = {
  'endpoint-independent': 'everybody sees us at the same address and port',
  'address-dependent': 'each host sees us at another port',
  'address-and-port-dependent': 'each host and port sees us at another port',
};

const FILTERING_WORDS: Readonly<Record<NatBehaviour, string>> = {
  'endpoint-independent': 'whoever knows our port gets in',
  'address-dependent': 'a host gets in that we have sent to, from any port',
  'address-and-port-dependent': 'only the very port gets in that we have sent to',
};

const DOUBT_WORDS: Readonly<Record<BehaviourDoubt, string>> = {
  'no-answer': 'no server answered',
  'one-address': 'the server has one address; name a second server to find out',
  'one-port': 'no server answered at two ports of one address',
  'server-unable': 'the server does not answer from its other address or to another port',
  'no-nat': 'there is no NAT',
  'mapping-varies': 'cannot be told where the mapping varies',
  'not-measured': 'not measured; --lifetime does, and takes minutes',
};

/** Of two behaviours, which: what is missing to tell. */
const HALF_WORDS: Readonly<Record<BehaviourDoubt, string>> = {
  ...DOUBT_WORDS,
  'one-address': 'to tell which takes a server with two addresses, or a second server',
};

const REACHABILITY_WORDS: Readonly<Record<Reachability, readonly [string, 'green' | 'yellow' | 'dim']>> = {
  direct: ['direct', 'green'],
  relay: ['relay', 'yellow'],
  unknown: ['not known', 'dim'],
};

/** A keep-alive comes before the mapping is gone, with a fifth to spare. */
const KEEP_ALIVE_SHARE = 0.8;
const LABEL_COLUMNS = 19;
const VALUE_COLUMNS = 28;

/** The report as lines. */
export function natLines(report: BehaviourReport, paint: Paint): readonly string[] {
  return [
    ...propertyLines(report),
    '',
    'A call is direct or needs a relay (TURN), by what the far end is behind:',
    ...peerLines(report, paint),
  ];
}

function propertyLines(report: BehaviourReport): readonly string[] {
  const { local, mapped, doubts } = report;
  const known = (property: DoubtfulProperty, value: string, words: string) =>
    row(property === 'portPreservation' ? 'port preservation' : property, value, words);
  const doubtful = (property: DoubtfulProperty) => {
    const doubt = doubts[property] ?? 'no-answer';
    return known(property, doubt === 'no-nat' ? 'does not apply' : 'not known', DOUBT_WORDS[doubt]);
  };
  const yesOrNo = (property: 'hairpinning' | 'portPreservation', yes: string, no: string) => {
    const value = report[property];
    return value === null ? doubtful(property) : known(property, value ? 'yes' : 'no', value ? yes : no);
  };
  return [
    row('local address', local ? formatEndpoint(local) : '-', ''),
    row('mapped address', mapped ? formatEndpoint(mapped) : '-', natWords(report)),
    report.mapping ? known('mapping', report.mapping, MAPPING_WORDS[report.mapping]) : varyingLine(report),
    report.filtering
      ? known('filtering', report.filtering, FILTERING_WORDS[report.filtering])
      : halfKnownFilter(report),
    yesOrNo(
      'hairpinning',
      'two phones in here reach each other by outside addresses',
      'two phones in here need their inside addresses',
    ),
    yesOrNo('portPreservation', 'our port is the same outside', 'our port is another outside'),
    report.lifetime ? row('lifetime', ...lifetimeWords(report.lifetime)) : doubtful('lifetime'),
  ];
}

/** Half an answer is better than none: the same towards all that were asked, or not. */
function varyingLine({ isMappingStable, doubts }: BehaviourReport): string {
  const { mapping: doubt = 'no-answer' } = doubts;
  if (isMappingStable === null) return row('mapping', 'not known', DOUBT_WORDS[doubt]);
  const choice = isMappingStable
    ? 'endpoint-independent or address-dependent'
    : 'address-dependent or address-and-port-dependent';
  return row('mapping', isMappingStable ? 'the same so far' : 'varies', `${choice}: ${HALF_WORDS[doubt]}`);
}

/** What two ports of one address can tell. */
function halfKnownFilter({ isFilteredByPort, doubts }: BehaviourReport): string {
  const { filtering: doubt = 'no-answer' } = doubts;
  if (isFilteredByPort !== false) return row('filtering', 'not known', DOUBT_WORDS[doubt]);
  const choice = 'endpoint-independent or address-dependent';
  return row('filtering', 'other ports get in', `${choice}: ${HALF_WORDS[doubt]}`);
}

function natWords({ isBehindNat }: BehaviourReport): string {
  if (isBehindNat === null) return '';
  return isBehindNat ? 'there is a NAT' : 'there is no NAT';
}

function lifetimeWords({ aliveMs, goneMs }: MappingLifetime): [value: string, words: string] {
  const seconds = (ms: number) => `${Math.round(ms / 1000)} s`;
  const keepAlive = `a keep-alive is due every ${seconds(KEEP_ALIVE_SHARE * aliveMs)}`;
  if (goneMs === null) return [`more than ${seconds(aliveMs)}`, keepAlive];
  return [`${seconds(aliveMs)} to ${seconds(goneMs)}`, keepAlive];
}

function peerLines(report: BehaviourReport, paint: Paint): readonly string[] {
  return PEER_KINDS.map((peer) => {
    const [words, colour] = REACHABILITY_WORDS[reachabilityOf(report, peer)];
    return `  ${paint(words.padEnd(LABEL_COLUMNS), colour)}${peer.name}`;
  });
}

function row(label: string, value: string, words: string): string {
  return `  ${label.padEnd(LABEL_COLUMNS)}${value.padEnd(VALUE_COLUMNS)}${words}`.trimEnd();
}

/** The same for machines: the report, and each kind of peer with what a call to it takes. */
export function natJson(report: BehaviourReport): string {
  const peers = PEER_KINDS.map(({ mapping, filtering }) => ({
    ...{ mapping, filtering },
    path: reachabilityOf(report, { mapping, filtering }),
  }));
  return JSON.stringify({ ...report, peers }, rounded);
}

/** Microseconds are enough for anybody. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 1000) / 1000 : value;
}
