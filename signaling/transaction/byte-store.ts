// Keeps bytes that live long apart from those that live a moment.

const CHUNK_BYTES = 65_536;

/** What is larger than this is kept as it is. */
const MAX_PACKED_BYTES = 4096;

/**
 * Copies small byte strings one behind the other. A response of 400 bytes that stayed where the serializer put it
 * would hold a whole pool slab, full of messages that are long gone. A chunk lives as long as one of its tenants.
 */
export class ByteStore {
  #chunk = new Uint8Array(0);
  #used = 0;

  /** @returns a copy, to be read only */
  keep(bytes: Uint8Array): Uint8Array {
    if (bytes.length > MAX_PACKED_BYTES) return bytes;
    if (this.#used + bytes.length > this.#chunk.length) {
      this.#chunk = new Uint8Array(CHUNK_BYTES);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += bytes.length;
    this.#chunk.set(bytes, start);
    return this.#chunk.subarray(start, this.#used);
  }
}
