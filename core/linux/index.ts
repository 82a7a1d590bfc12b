// The Linux fast path: a thread that sleeps in epoll and speaks to the kernel by system calls.
export { EndpointTable } from './endpoint-table.ts';
export { KernelEndpoint } from './kernel-endpoint.ts';
export { BATCH_CAPACITY } from './message-headers.ts';
export { OpenDescriptors } from './open-descriptors.ts';
export { openPolledRuntime, type ThreadSockets } from './open-polled-runtime.ts';
export { PolledRuntime } from './polled-runtime.ts';
export type { Readable } from './poller.ts';
export { ADDRESS_WORDS, ReceiveBatch } from './receive-batch.ts';
export { SendBatch } from './send-batch.ts';
export { SocketAddress } from './socket-address.ts';
export { loadSystemCalls, type SystemCalls } from './system-calls.ts';
export { openUdpDescriptor, type UdpDescriptor } from './udp-descriptor.ts';
export { releaseWakeup, wake } from './wakeup.ts';
