// A server in the internet, and phones behind NATs of every kind: networks in namespaces of this machine, for root.
import { type PatchcordServer, type PhoneRun, startPatchcordServer } from '../../support/peers/patchcord.ts';
import { makeTempFolder, type TempFolder } from '../../support/peers/temp-folder.ts';
import { Home } from './home.ts';
import { type Families, hasIpv4, Internet } from './internet.ts';
import { NetworkNamespace } from './namespace.ts';
import { NAT_KINDS, type NatKind } from './nat-rules.ts';

/** Two, so that the behaviour of NATs can be discovered (RFC 5780). */
export const SERVER_ADDRESSES = ['198.51.100.10', '198.51.100.11'] as const;
const [SERVER_ADDRESS] = SERVER_ADDRESSES;

/** The first address of a caller's and of a callee's NAT; each kind has the next. */
const SIDES = { caller: 10, callee: 20 } as const;

export type Side = keyof typeof SIDES;

export interface NatLabOptions {
  /** Default: of each kind one on each side. */
  readonly homes?: readonly { readonly side: Side; readonly kind: NatKind }[];
  /** Of everybody. Default IPv4. */
  readonly families?: Families;
}

/** Whoever opened it closes it; the kernel does where nobody is left. */
export class NatLab {
  readonly #internet: Internet;
  readonly #folder: TempFolder = makeTempFolder('nat-lab');
  readonly #homes: readonly Home[];
  readonly #runs: PhoneRun[] = [];
  readonly serverSpace: NetworkNamespace;
  readonly #serverAddress: string;
  #server: PatchcordServer | undefined;

  private constructor(
    internet: Internet,
    server: { space: NetworkNamespace; address: string },
    homes: readonly Home[],
  ) {
    this.#internet = internet;
    this.serverSpace = server.space;
    this.#serverAddress = server.address;
    this.#homes = homes;
  }

  static async open({ homes = everyHome(), families = 'IPv4' }: NatLabOptions = {}): Promise<NatLab> {
    const internet = await Internet.open();
    const space = await NetworkNamespace.open('server');
    const { address: ipv6Address } = internet.attach(space, { addresses: SERVER_ADDRESSES, families });
    const opened = await Promise.all(
      homes.map(({ side, kind }) => Home.open(internet, { ...placeOf(side, kind), kind, families })),
    );
    const address = hasIpv4(families) ? SERVER_ADDRESS : ipv6Address;
    return new NatLab(internet, { space, address }, opened);
  }

  /**
   * Starts our server on its first address, of IPv4 where there is one, with the homes' names as its users.
   *
   * @param otherAddresses - that it listens on, too
   */
  async startServer(
    configuration: Readonly<Record<string, unknown>> = {},
    otherAddresses: readonly string[] = [],
  ): Promise<PatchcordServer> {
    this.#server = await startPatchcordServer({
      users: Object.fromEntries(this.#homes.map(({ options }) => [options.name, passwordOf(options.name)])),
      configuration,
      address: this.#serverAddress,
      otherAddresses,
      port: 5060,
      within: this.serverSpace,
    });
    return this.#server;
  }

  get server(): PatchcordServer {
    if (!this.#server) throw new Error('the server of the lab was not started');
    return this.#server;
  }

  home(side: Side, kind: NatKind): Home {
    const { name } = placeOf(side, kind);
    const home = this.#homes.find(({ options }) => options.name === name);
    if (!home) throw new Error(`the lab has no home "${name}"`);
    return home;
  }

  /** A file of this lab. */
  path(name: string): string {
    return `${this.#folder.path}/${name}`;
  }

  /** Runs a phone command in a home, as its user. */
  phone(command: string, home: Home, args: readonly string[]): PhoneRun {
    const { name } = home.options;
    const account = { user: name, password: passwordOf(name) };
    const run = this.server.phone(command, { ...account, args, within: home.phone });
    this.#runs.push(run);
    return run;
  }

  async close(): Promise<void> {
    await Promise.all(this.#runs.map(({ process }) => process.stop()));
    await this.#server?.stop();
    await Promise.all([...this.#homes, this.serverSpace, this.#internet].map((part) => part.close()));
    this.#folder.remove();
  }
}

function everyHome(): readonly { readonly side: Side; readonly kind: NatKind }[] {
  return (['caller', 'callee'] as const).flatMap((side) => NAT_KINDS.map((kind) => ({ side, kind })));
}

/** Both sides use the same private networks, as homes do: each kind meets one who has its very own address. */
function placeOf(side: Side, kind: NatKind) {
  const index = NAT_KINDS.indexOf(kind);
  return {
    name: `${side}${index}`,
    outsideAddress: `203.0.113.${SIDES[side] + index}`,
    insideAddress: `192.168.${index}.2`,
  };
}

function passwordOf(name: string): string {
  return `${name}-secret`;
}
