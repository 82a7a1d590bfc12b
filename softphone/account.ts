// Who a phone is, and through which server it calls.
import { parseHostPort, UsageError } from '../core/index.ts';
import {
  type Credentials,
  escapeUser,
  formatUri,
  type NameAddr,
  NO_PARAMETERS,
  parseUri,
  type SipUri,
  sipUri,
  type Uri,
} from '../signaling/index.ts';

/** Transports by which a phone calls. */
export type PhoneTransport = 'udp' | 'tcp';

/** What a person says of an account. */
export interface AccountOptions {
  /** User name, or `user@domain` where the server is not the domain's own host. */
  readonly user: string;
  readonly password?: string;
  /** `host` or `host:port` of the registrar. */
  readonly server: string;
  readonly displayName?: string;
  /** {@link REGISTER_EXPIRES_SECONDS} where not given. */
  readonly expiresSeconds?: number;
}

/** The same in the words of SIP. */
export interface Account {
  readonly aor: NameAddr;
  readonly aorText: string;
  /** Request-URI of REGISTER. */
  readonly registrar: SipUri;
  /** Where everything is sent first: `undefined` where the registrar's own URI says it. */
  readonly routeSet: readonly NameAddr[] | undefined;
  readonly credentials: Credentials | undefined;
  readonly expiresSeconds: number | undefined;
  /** The Contact by which the registrar reaches us. */
  contact(): Promise<NameAddr>;
}

/** A server's host and port as written by a person. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number | undefined;
}

/** @throws UsageError where the text is not `host` or `host:port` */
export function parseServer(text: string): ServerAddress {
  const plain = text.replace(/^sips?:/, '');
  const parsed = parseHostPort(plain);
  if (!parsed) throw new UsageError(`--server "${text}" is not host or host:port`);
  return { host: parsed.host, port: parsed.port };
}

/** @throws UsageError where user or server cannot be made into an address */
export function createAccount(
  options: AccountOptions,
  transport: PhoneTransport,
  contact: () => Promise<NameAddr>,
): Account {
  const server = parseServer(options.server);
  const [user = '', domain] = splitUser(options.user);
  if (user === '')
    throw new UsageError('--user is empty; it should be the name of an account, such as "alice"');
  const serverUri = uriOf(server, transport);
  const aorUri = sipUri({ user: escapeUser(user), host: domain ?? server.host });
  return {
    aor: { displayName: options.displayName, uri: aorUri, parameters: NO_PARAMETERS },
    aorText: formatUri(aorUri),
    registrar: domain === undefined ? serverUri : sipUri({ host: domain }),
    routeSet: domain === undefined ? undefined : [routeTo(serverUri)],
    credentials: options.password === undefined ? undefined : { username: user, password: options.password },
    expiresSeconds: options.expiresSeconds,
    contact,
  };
}

function splitUser(text: string): [user: string, domain: string | undefined] {
  const plain = text.replace(/^sips?:/, '');
  const at = plain.lastIndexOf('@');
  return at < 0 ? [plain, undefined] : [plain.slice(0, at), plain.slice(at + 1)];
}

/** The URI of a server, or of a user there. */
export function uriOf(server: ServerAddress, transport: PhoneTransport, user?: string): SipUri {
  return sipUri({
    user: user === undefined ? undefined : escapeUser(user),
    host: server.host,
    port: server.port,
    // RFC 3263 §4.1: without the parameter a numeric address means UDP.
    ...(transport === 'tcp' ? { parameters: [['transport', 'tcp']] } : {}),
  });
}

function routeTo(uri: SipUri): NameAddr {
  const parameters = new Map([...uri.parameters, ['lr', undefined] as const]);
  return { displayName: undefined, uri: { ...uri, parameters }, parameters: NO_PARAMETERS };
}

/** Where a call goes: the Request-URI, and the server to send it through, if that is another. */
export interface Destination {
  readonly uri: Uri;
  readonly routeSet: readonly NameAddr[] | undefined;
}

export interface DestinationOptions {
  /** As in {@link AccountOptions}; undefined where calls go out directly. */
  readonly server: string | undefined;
  readonly transport: PhoneTransport;
}

/**
 * What a person dials, as a URI: `bob`, `+4930…`, `*43`, `bob@host`, `sip:bob@host:port`.
 *
 * @throws UsageError that says what is wrong with it
 */
export function parseTarget(text: string, options: DestinationOptions): Destination {
  const dialled = text.trim();
  const server = options.server === undefined ? undefined : parseServer(options.server);
  if (dialled === '') throw new UsageError('the target is empty; give a name, a number or sip:user@host');
  if (/^(sips?|tel):/i.test(dialled)) return route(parseDialled(dialled, text), server, options.transport);
  if (dialled.includes('@')) return route(parseDialled(`sip:${dialled}`, text), server, options.transport);
  if (server) return { uri: uriOf(server, options.transport, dialled), routeSet: undefined };
  const isHost = parseHostPort(dialled) !== undefined && /[.:]/.test(dialled);
  throw new UsageError(
    `"${text}" alone does not say where to call; ${isHost ? `dial sip:${dialled}` : `give --server HOST, or dial sip:${dialled}@HOST`}`,
  );
}

function parseDialled(uriText: string, original: string): Uri {
  const uri = parseUri(uriText);
  if ('code' in uri) throw new UsageError(`"${original}" cannot be dialled: ${uri.reason}`);
  return uri;
}

function route(uri: Uri, server: ServerAddress | undefined, transport: PhoneTransport): Destination {
  const wanted = withTransport(uri, transport);
  if (!server) {
    if (uri.scheme === 'sip' || uri.scheme === 'sips') return { uri: wanted, routeSet: undefined };
    throw new UsageError(`"${formatUri(uri)}" needs a server that can reach it; give --server HOST`);
  }
  const isThere =
    uri.scheme === 'sip' && uri.host === uriOf(server, transport).host && uri.port === server.port;
  return { uri: wanted, routeSet: isThere ? undefined : [routeTo(uriOf(server, transport))] };
}

function withTransport(uri: Uri, transport: PhoneTransport): Uri {
  if (uri.scheme !== 'sip' || transport !== 'tcp' || uri.parameters.has('transport')) return uri;
  return { ...uri, parameters: new Map([...uri.parameters, ['transport', 'tcp']]) };
}
