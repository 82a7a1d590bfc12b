// Ranges of addresses, as people write them: `10.0.0.0/8`, `2001:db8::/32`, `192.0.2.7`.
import { addressBytes } from './address.ts';
import { UsageError } from './errors.ts';

/** A prefix of one family. What the address has behind the prefix is not looked at: `10.0.0.5/8` is `10.0.0.0/8`. */
export class AddressPrefix {
  /** As it was written. */
  readonly address: string;
  readonly lengthBits: number;
  readonly #bytes: Uint8Array;

  /** @throws UsageError where the text is none */
  constructor(text: string) {
    const [address = '', lengthText, ...rest] = text.split('/');
    const bytes = addressBytes(address);
    const lengthBits = lengthText === undefined ? (bytes?.length ?? 0) * 8 : Number(lengthText);
    const isLength = lengthText === undefined || /^\d{1,3}$/.test(lengthText);
    if (!bytes || !isLength || lengthBits > bytes.length * 8 || rest.length > 0) {
      throw new UsageError(`"${text}" is no address or prefix; write it as 10.0.0.0/8 or 2001:db8::/32`);
    }
    this.address = address;
    this.#bytes = bytes;
    this.lengthBits = lengthBits;
  }

  /** @param address - 4 or 16 bytes; none of the other family is within */
  has(address: Uint8Array): boolean {
    if (address.length !== this.#bytes.length) return false;
    for (let bit = 0; bit < this.lengthBits; bit += 8) {
      const left = this.lengthBits - bit;
      const mask = left >= 8 ? 0xff : (0xff << (8 - left)) & 0xff;
      if ((((address[bit >> 3] ?? 0) ^ (this.#bytes[bit >> 3] ?? 0)) & mask) !== 0) return false;
    }
    return true;
  }
}
