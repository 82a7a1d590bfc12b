import { describe, expect, it } from 'vitest';
import type { SystemCalls } from '../../../../core/index.ts';
import { DatagramBatch } from '../../../../core/linux/datagram-batch.ts';
import { SocketAddress } from '../../../../core/linux/socket-address.ts';

const ADDRESS_BYTES = { 4: 16, 6: 28 } as const;

/** A kernel with one datagram for each call, which treats the room for its source as recvmsg(2) says. */
function createKernel() {
  const memory = new Map<number, Uint8Array>();
  const at = (address: number) => {
    for (const [start, bytes] of memory) {
      if (address >= start && address < start + bytes.length) return bytes.subarray(address - start);
    }
    throw new Error(`nothing is at ${address}`);
  };
  let next: SocketAddress | undefined;
  const calls: Pick<SystemCalls, 'addressOf' | 'recvmmsg'> = {
    addressOf: (view) => {
      const start = (memory.size + 1) * 0x1000_0000;
      memory.set(start, new Uint8Array(view.buffer));
      return start;
    },
    recvmmsg: (_fd, messages) => {
      if (!next) return 0;
      const header = at(messages);
      const view = new DataView(header.buffer, header.byteOffset);
      const source = new Int32Array(7);
      next.write(source);
      const room = Math.min(view.getUint32(8, true), next.sizeBytes);
      at(Number(view.getBigUint64(0, true))).set(new Uint8Array(source.buffer).subarray(0, room));
      view.setUint32(8, next.sizeBytes, true);
      return 1;
    },
  };
  const from = (family: 4 | 6, address: string) => {
    next = new SocketAddress(family);
    next.assign(address, 4000);
    expect(next.sizeBytes).toBe(ADDRESS_BYTES[family]);
  };
  // Cast: a batch that only receives asks for no other call.
  return { batch: new DatagramBatch(calls as SystemCalls), from };
}

describe('DatagramBatch', () => {
  it('hears the whole address of an IPv6 sender in the slot of an IPv4 one', () => {
    const { batch, from } = createKernel();
    const heard = (family: 4 | 6, address: string) => {
      from(family, address);
      expect(batch.receive(3)).toBe(1);
      const source = new SocketAddress(family);
      source.read(batch.addresses.subarray(0, 7));
      return source.address;
    };
    expect(heard(6, '2001:db8::1')).toBe('2001:db8::1');
    expect(heard(4, '192.0.2.1')).toBe('192.0.2.1');
    expect(heard(6, '2001:db8::2')).toBe('2001:db8::2');
  });
});
