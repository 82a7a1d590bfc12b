// A network of its own on this machine (network_namespaces(7)), for root.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ProgramPlace } from '../../support/peers/peer-process.ts';

const READY = 'ready';

/**
 * A network namespace without a name, held by a process that reads from us: when we end, however that is, it ends,
 * and so do the programs inside; then the kernel takes all of it down. Nothing outside of it is ever changed.
 */
export class NetworkNamespace implements ProgramPlace {
  readonly name: string;
  readonly #holder: ChildProcess;

  private constructor(name: string, holder: ChildProcess) {
    this.name = name;
    this.#holder = holder;
  }

  /** @param name - for messages only */
  static async open(name: string): Promise<NetworkNamespace> {
    const holder = spawn('unshare', ['--net', 'sh', '-c', `echo ${READY}; exec cat`], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await Promise.race([once(holder.stdout, 'data'), failureOf(holder)]);
    const namespace = new NetworkNamespace(name, holder);
    namespace.ip(['link set lo up']);
    return namespace;
  }

  /** Of the process that holds it, to look into it by hand: `nsenter -t PID -n ip address`. */
  get pid(): number {
    return this.#holder.pid ?? -1;
  }

  /** What a program is run under to be here, and to end with us even where we are killed. */
  get launcher(): readonly [command: string, ...args: string[]] {
    return ['setpriv', '--pdeathsig', 'KILL', 'nsenter', '--target', `${this.pid}`, '--net'];
  }

  /** Runs a program to its end. @returns what it printed @throws Error where it fails, with what it said */
  run(command: string, args: readonly string[], input = ''): string {
    const [launcher, ...rest] = this.launcher;
    try {
      return execFileSync(launcher, [...rest, command, ...args], { input, encoding: 'utf8', stdio: 'pipe' });
    } catch (error) {
      throw new Error(`in namespace ${this.name}: ${String(error)}`, { cause: error });
    }
  }

  /** Runs lines of ip(8): `link set lo up`. */
  ip(lines: readonly string[]): void {
    this.run('ip', ['-batch', '-'], `${lines.join('\n')}\n`);
  }

  /** Sets what sysctl(8) names: `net.ipv4.ip_forward`. */
  set(name: string, value: string): void {
    this.run('tee', [`/proc/sys/${name.replaceAll('.', '/')}`], value);
  }

  /** Makes it a router. */
  forwardPackets(): void {
    this.set('net.ipv4.ip_forward', '1');
    this.set('net.ipv6.conf.all.forwarding', '1');
  }

  /** Makes a cable from `device` here to `otherDevice` there, both up. */
  connect(device: string, other: NetworkNamespace, otherDevice: string): void {
    this.ip([
      `link add ${device} type veth peer name ${otherDevice} netns ${other.pid}`,
      `link set ${device} up`,
    ]);
    other.ip([`link set ${otherDevice} up`]);
  }

  /** Lets go of it. It is gone once the programs inside have ended, which whoever started them sees to. */
  async close(): Promise<void> {
    if (this.#holder.exitCode !== null || this.#holder.signalCode !== null) return;
    const ended = once(this.#holder, 'close');
    this.#holder.stdin?.end();
    await ended;
  }
}

async function failureOf(holder: ChildProcess): Promise<never> {
  const [status] = await once(holder, 'exit');
  throw new Error(
    `unshare --net ended with ${status}: network namespaces want root, and a kernel that has them`,
  );
}
