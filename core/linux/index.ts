// The Linux fast path: a thread that sleeps in epoll and speaks to the kernel by system calls.
export { PolledRuntime } from './polled-runtime.ts';
export { loadSystemCalls, type SystemCalls } from './system-calls.ts';
export { releaseWakeup, wake } from './wakeup.ts';
