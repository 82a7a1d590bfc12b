// The DNS of the world: a table.
import { addressFamily, normalizeAddress, OperationError, type SrvRecord } from '../../../core/index.ts';

/** Names and services that the virtual hosts resolve. Change it at any time. */
export class NameTable {
  /** Addresses by name. */
  readonly hosts = new Map<string, readonly string[]>([['localhost', ['127.0.0.1', '::1']]]);
  /** SRV records by name, `_sip._udp.example.com`. */
  readonly services = new Map<string, readonly SrvRecord[]>();
  /** Codes with which a look-up fails, by name: `EAI_AGAIN`, `ETIMEOUT`. */
  readonly failures = new Map<string, string>();

  async resolveHost(name: string): Promise<readonly string[]> {
    if (addressFamily(name)) return [normalizeAddress(name)];
    this.#check(name);
    const found = this.hosts.get(name.toLowerCase()) ?? [];
    return found.toSorted((a, b) => (addressFamily(a) ?? 0) - (addressFamily(b) ?? 0));
  }

  async resolveSrv(name: string): Promise<readonly SrvRecord[]> {
    this.#check(name);
    return this.services.get(name.toLowerCase()) ?? [];
  }

  #check(name: string): void {
    const code = this.failures.get(name.toLowerCase());
    if (code) throw new OperationError(code, `look-up of "${name}" failed: ${code}`);
  }
}
