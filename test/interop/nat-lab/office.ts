// A server in an office, behind a NAT that forwards all to it and turns nothing back, and phones on both sides.
import { type PatchcordServer, type PhoneRun, startPatchcordServer } from '../../support/peers/patchcord.ts';
import { makeTempFolder, type TempFolder } from '../../support/peers/temp-folder.ts';
import { NetworkNamespace } from './namespace.ts';
import { OUTSIDE_DEVICE } from './nat-rules.ts';

export const SERVER_INSIDE = '10.0.0.5';
export const SERVER_OUTSIDE = '203.0.113.7';

const DEVICE = 'eth0';

/** One to one for the server, and its address for whoever else goes out. Nobody listens on the router itself. */
const RULES = `
table ip nat {
  chain prerouting {
    type nat hook prerouting priority dstnat
    iifname "${OUTSIDE_DEVICE}" dnat to ${SERVER_INSIDE}
  }
  chain postrouting {
    type nat hook postrouting priority srcnat
    oifname "${OUTSIDE_DEVICE}" snat to ${SERVER_OUTSIDE}
  }
}
`;

/** A phone, and where it reaches the server. */
export interface OfficePlace {
  readonly options: { readonly name: string };
  readonly space: NetworkNamespace;
  readonly serverAddress: string;
}

/** Whoever opened it closes it. */
export class Office {
  readonly inside: OfficePlace;
  readonly outside: OfficePlace;
  readonly #folder: TempFolder = makeTempFolder('office');
  readonly #spaces: readonly NetworkNamespace[];
  readonly #server: PatchcordServer;
  readonly #runs: PhoneRun[] = [];

  private constructor(spaces: Spaces, server: PatchcordServer) {
    this.#spaces = Object.values(spaces);
    this.#server = server;
    this.inside = { options: { name: 'inside' }, space: spaces.inside, serverAddress: SERVER_INSIDE };
    this.outside = { options: { name: 'outside' }, space: spaces.outside, serverAddress: SERVER_OUTSIDE };
  }

  static async open(): Promise<Office> {
    const spaces = await openSpaces();
    const server = await startPatchcordServer({
      users: { inside: passwordOf('inside'), outside: passwordOf('outside') },
      configuration: { advertisedAddress: SERVER_OUTSIDE, sip: EVERYWHERE },
      address: SERVER_INSIDE,
      port: 5060,
      within: spaces.server,
    });
    return new Office(spaces, server);
  }

  path(name: string): string {
    return `${this.#folder.path}/${name}`;
  }

  phone(command: string, place: OfficePlace, args: readonly string[]): PhoneRun {
    const { name } = place.options;
    const { space: within, serverAddress } = place;
    const run = this.#server.phone(command, {
      user: name,
      password: passwordOf(name),
      args,
      serverAddress,
      within,
    });
    this.#runs.push(run);
    return run;
  }

  async close(): Promise<void> {
    await Promise.all(this.#runs.map(({ process }) => process.stop()));
    await this.#server.stop();
    await Promise.all(this.#spaces.map((space) => space.close()));
    this.#folder.remove();
  }
}

/** As without any configuration: it is the routes that tell the addresses. */
const EVERYWHERE = { udp: ['0.0.0.0:5060'], tcp: ['0.0.0.0:5060'] };

type Spaces = Readonly<Record<'router' | 'server' | 'inside' | 'outside', NetworkNamespace>>;

async function openSpaces(): Promise<Spaces> {
  const [router, server, inside, outside] = await Promise.all([
    NetworkNamespace.open('router'),
    NetworkNamespace.open('server'),
    NetworkNamespace.open('inside'),
    NetworkNamespace.open('outside'),
  ]);
  router.forwardPackets();
  attach(router, server, { device: 'servers', address: SERVER_INSIDE });
  attach(router, inside, { device: 'phones', address: '10.0.1.20' });
  router.connect(OUTSIDE_DEVICE, outside, DEVICE);
  router.ip([`address add ${SERVER_OUTSIDE}/24 dev ${OUTSIDE_DEVICE}`]);
  // No way leads from here to the networks inside.
  outside.ip([`address add 203.0.113.50/24 dev ${DEVICE}`]);
  router.run('nft', ['-f', '-'], RULES);
  return { router, server, inside, outside };
}

/** The router is the first host of each network. */
function attach(
  router: NetworkNamespace,
  space: NetworkNamespace,
  { device, address }: { readonly device: string; readonly address: string },
): void {
  const gateway = address.replace(/\.\d+$/, '.1');
  router.connect(device, space, DEVICE);
  router.ip([`address add ${gateway}/24 dev ${device}`]);
  space.ip([`address add ${address}/24 dev ${DEVICE}`, `route add default via ${gateway}`]);
}

function passwordOf(name: string): string {
  return `${name}-secret`;
}
