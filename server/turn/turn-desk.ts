// Runs STUN and TURN, and hands credentials for them to phones that registered.
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import {
  addressFamily,
  codeOf,
  type Endpoint,
  formatEndpoint,
  messageOf,
  type Runtime,
  UsageError,
} from '../../core/index.ts';
import {
  type AlternateEndpoints,
  type LocalPeer,
  type RunningTurnServer,
  type TurnCertificate,
  type TurnCounters,
  type TurnListen,
  type TurnServerOptions,
  type TurnTransport,
  timeLimitedCredentials,
} from '../../nat/index.ts';
import { formatTurnServer, type HeaderField, TURN_SERVER_HEADER } from '../../signaling/index.ts';
import type { AdvertisedAddresses } from '../addresses/index.ts';
import type { Configuration } from '../config/index.ts';
import type { Store } from '../store/index.ts';
import { type TurnSettings, turnPlaces } from './turn-places.ts';

export interface OpenTurnOptions {
  readonly runtime: Runtime;
  readonly configuration: Configuration;
  readonly store: Store;
  readonly advertised: Pick<AdvertisedAddresses, 'ofRelays'>;
  /** Where SIP listens. */
  readonly sip: readonly Endpoint[];
  /** In this thread over the runtime, or in one of its own. */
  readonly start: (options: TurnServerOptions) => Promise<RunningTurnServer>;
}

/** Whoever opened it closes it. */
export interface TurnDesk {
  /** Where it listens; nowhere where it is off. */
  readonly listening: RunningTurnServer['listening'];
  /** Addresses and ports that answer for each other: clients find out by them what their NAT does (RFC 5780). */
  readonly alternates: readonly AlternateEndpoints[];
  /**
   * What an authenticated user is told with the answer to a REGISTER.
   *
   * @param host - of ours, as the phone reaches it; IPv6 without brackets
   */
  headersFor(user: string, host: string): readonly HeaderField[];
  /**
   * Lets relays speak with sockets of this machine, and with nothing else that listens here.
   *
   * @returns what ends it; to be called before they are closed
   */
  admit(peers: readonly LocalPeer[]): () => void;
  /** Undefined where it is off. */
  report(): Promise<TurnCounters | undefined>;
  close(): Promise<void>;
}

/** 160 bits. */
const SECRET_LENGTH = 32;
const TRANSPORTS: readonly TurnTransport[] = ['udp', 'tcp', 'tls'];

const OFF: TurnDesk = {
  listening: { udp: [], tcp: [], tls: [] },
  alternates: [],
  headersFor: () => [],
  admit: () => () => {},
  report: async () => undefined,
  close: async () => {},
};

/** @throws UsageError where a configured port is taken, or the certificate cannot be read */
export async function openTurn({
  runtime,
  configuration,
  store,
  advertised,
  sip,
  start,
}: OpenTurnOptions): Promise<TurnDesk> {
  const { turn, realm } = configuration;
  if (turn === 'off') return OFF;
  const { network, log } = runtime;
  const places = { network, log, settings: turn, sip, advertised: advertised.ofRelays };
  const { listen, alternates } = await turnPlaces(places);
  if (listen.udp.length + listen.tcp.length + listen.tls.length === 0) return OFF;
  const secret = turn.secret ?? secretOf(store, runtime);
  const certificate = certificateOf(turn);
  try {
    const server = await start({
      listen,
      alternates,
      ...(realm === undefined ? {} : { realm }),
      ...(certificate ? { tls: certificate } : {}),
      credentials: { sharedSecret: secret },
      relayPorts: turn.relayPorts,
      quotas: { perUser: turn.perUser, total: turn.total },
      ...(turn.maxKilobits === undefined ? {} : { maxBytesPerSecond: turn.maxKilobits * 125 }),
      allowPeers: turn.allowPeers,
      denyPeers: turn.denyPeers,
      advertisedAddresses: advertised.ofRelays,
    });
    return new OpenDesk({ runtime, server, alternates, secret, settings: turn });
  } catch (error) {
    throw codeOf(error) === undefined || error instanceof UsageError ? error : unusable(error, listen);
  }
}

function unusable(error: unknown, listen: Required<TurnListen>): UsageError {
  const places = TRANSPORTS.flatMap((transport) =>
    listen[transport].map((place) => `${transport} ${formatEndpoint(place)}`),
  );
  return new UsageError(
    `TURN cannot listen on ${places.join(', ')}: ${messageOf(error)}; ` +
      'choose others with --turn-udp, --turn-tcp and --turn-tls, or "off"',
    { cause: error },
  );
}

/** Made at the first start, and kept: phones use what they were given before a restart. */
function secretOf(store: Store, { random }: Runtime): string {
  const kept = store.setting('turnSecret');
  if (kept !== undefined) return kept;
  const secret = random.token(SECRET_LENGTH);
  store.write([{ kind: 'setting', name: 'turnSecret', value: secret }]);
  return secret;
}

function certificateOf({ certificate, key }: TurnSettings): TurnCertificate | undefined {
  if (certificate === undefined || key === undefined) return undefined;
  const pem = { certificate: readPem('certificate', certificate), key: readPem('key', key) };
  try {
    createSecureContext({ cert: pem.certificate, key: pem.key });
    return pem;
  } catch (error) {
    throw new UsageError(
      `turn.certificate "${certificate}" and turn.key "${key}" are no certificate with its key: ${messageOf(error)}; name two PEM files that belong together`,
      { cause: error },
    );
  }
}

function readPem(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(
      `turn.${name} is "${path}", which cannot be read: ${messageOf(error)}; name a PEM file that this user may read`,
      { cause: error },
    );
  }
}

interface OpenDeskOptions extends Pick<TurnDesk, 'alternates'> {
  readonly runtime: Runtime;
  readonly server: RunningTurnServer;
  readonly secret: string;
  readonly settings: TurnSettings;
}

class OpenDesk implements TurnDesk {
  readonly #options: OpenDeskOptions;

  constructor(options: OpenDeskOptions) {
    this.#options = options;
  }

  get listening(): RunningTurnServer['listening'] {
    return this.#options.server.listening;
  }

  get alternates(): TurnDesk['alternates'] {
    return this.#options.alternates;
  }

  headersFor(user: string, host: string): readonly HeaderField[] {
    const { runtime, secret, settings } = this.#options;
    const expiresAt = runtime.clock.wallClock() + settings.credentialHours * 3_600_000;
    const credentials = timeLimitedCredentials(secret, user, expiresAt);
    return TRANSPORTS.flatMap((transport) => {
      const port = this.#portOf(transport, host);
      if (port === undefined) return [];
      return [[TURN_SERVER_HEADER, formatTurnServer({ host, port, transport, credentials })] as const];
    });
  }

  admit(peers: readonly LocalPeer[]): () => void {
    const { server } = this.#options;
    for (const peer of peers) server.admit(peer);
    return () => {
      for (const peer of peers) server.dismiss(peer);
    };
  }

  report(): Promise<TurnCounters> {
    return this.#options.server.report();
  }

  close(): Promise<void> {
    return this.#options.server.close();
  }

  /** Of a socket of the host's family; a name may be of either. */
  #portOf(transport: TurnTransport, host: string): number | undefined {
    const family = addressFamily(host);
    const places = this.listening[transport];
    return places.find(({ address }) => family === undefined || addressFamily(address) === family)?.port;
  }
}
