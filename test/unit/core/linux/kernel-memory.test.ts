import { describe, expect, it } from 'vitest';
import type { SystemCalls } from '../../../../core/index.ts';
import { KernelMemory, LARGEST_DATAGRAM } from '../../../../core/linux/kernel-memory.ts';

/** Memory at an address of our choice, and what the kernel would see there. */
function createMemory() {
  let memory: Uint8Array = new Uint8Array();
  const addressOf = (bytes: ArrayBufferView) => {
    memory = new Uint8Array(bytes.buffer);
    return 0x1000;
  };
  // Cast: memory asks for no other call.
  const kernel = new KernelMemory({ addressOf } as SystemCalls);
  const seenAt = (address: number, length: number) => [
    ...memory.subarray(address - 0x1000, address - 0x1000 + length),
  ];
  return { kernel, seenAt };
}

describe('KernelMemory', () => {
  it('gives the same view for the same length, and keeps none that is longer than sound', () => {
    const { kernel } = createMemory();
    expect(kernel.receivedBytes(172)).toBe(kernel.receivedBytes(172));
    expect(kernel.receivedBytes(60_000)).not.toBe(kernel.receivedBytes(60_000));
    expect(kernel.receivedBytes(LARGEST_DATAGRAM)).toHaveLength(LARGEST_DATAGRAM);
  });

  it('sends what came from where it came, and a copy of anything else', () => {
    const { kernel, seenAt } = createMemory();
    const came = kernel.receivedBytes(4);
    came.set([1, 2, 3, 4]);
    expect(kernel.addressFor(came)).toBe(kernel.received);
    expect(seenAt(kernel.received, 4)).toEqual([1, 2, 3, 4]);
    const part = kernel.addressFor(came.subarray(1));
    expect(part).toBe(kernel.outgoing);
    expect(seenAt(part, 3)).toEqual([2, 3, 4]);
    expect(seenAt(kernel.addressFor(Uint8Array.of(9)), 1)).toEqual([9]);
    expect([...came]).toEqual([1, 2, 3, 4]);
  });

  it('has room for the longest datagrams and two addresses, none in the place of another', () => {
    const { kernel } = createMemory();
    kernel.sourceWords.fill(-1);
    kernel.targetWords.fill(-2);
    kernel.sizeWords.fill(28);
    kernel.receivedBytes(LARGEST_DATAGRAM).fill(7);
    kernel.addressFor(new Uint8Array(LARGEST_DATAGRAM).fill(8));
    expect(new Set(kernel.sourceWords)).toEqual(new Set([-1]));
    expect(new Set(kernel.targetWords)).toEqual(new Set([-2]));
    expect(kernel.sizeWords[0]).toBe(28);
    expect(new Set(kernel.receivedBytes(LARGEST_DATAGRAM))).toEqual(new Set([7]));
  });
});
