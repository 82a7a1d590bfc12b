// Netstrings (`length:text,`), the framing of baresip's control connection.

/** Takes a byte stream in pieces and gives whole texts. */
export class NetstringReader {
  #pending = Buffer.alloc(0);

  push(bytes: Uint8Array): string[] {
    this.#pending = Buffer.concat([this.#pending, bytes]);
    const texts: string[] = [];
    for (;;) {
      const colon = this.#pending.indexOf(':');
      if (colon < 0) return texts;
      const length = Number(this.#pending.toString('latin1', 0, colon));
      const end = colon + 1 + length;
      if (this.#pending.length <= end) return texts;
      texts.push(this.#pending.toString('utf8', colon + 1, end));
      this.#pending = this.#pending.subarray(end + 1);
    }
  }
}

export function toNetstring(text: string): string {
  return `${Buffer.byteLength(text)}:${text},`;
}
