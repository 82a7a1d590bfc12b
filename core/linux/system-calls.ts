// The system calls of the Linux fast path, through koffi: numbers and bytes in, a number out, no object a call.
import { constants } from 'node:os';

/**
 * Each returns what libc does: -1 where it failed, and {@link SystemCalls.errno} then says why. Parameters of the calls
 * that are made for every packet are addresses of memory as numbers: see {@link SystemCalls.addressOf}.
 */
export interface SystemCalls {
  socket(family: number, type: number, protocol: number): number;
  bind(fd: number, address: number, sizeBytes: number): number;
  getsockname(fd: number, address: number, size: number): number;
  setsockopt(fd: number, level: number, name: number, value: Int32Array, sizeBytes: number): number;
  recvfrom(fd: number, bytes: number, sizeBytes: number, flags: number, source: number, size: number): number;
  sendto(
    fd: number,
    bytes: number,
    sizeBytes: number,
    flags: number,
    target: number,
    targetSize: number,
  ): number;
  /** Several datagrams at once: `messages` is an array of struct mmsghdr. */
  recvmmsg(fd: number, messages: number, count: number, flags: number, timeout: number): number;
  sendmmsg(fd: number, messages: number, count: number, flags: number): number;
  close(fd: number): number;
  eventfd(initial: number, flags: number): number;
  read(fd: number, bytes: Uint8Array, sizeBytes: number): number;
  epollCreate(flags: number): number;
  epollControl(epoll: number, operation: number, fd: number, event: number): number;
  epollWait(epoll: number, events: number, capacity: number, timeoutMs: number): number;
  /** The same with a struct timespec; undefined where libc is older than 2.35. An older kernel than 5.11 fails. */
  readonly epollWaitPrecisely:
    | ((epoll: number, events: number, capacity: number, timeout: number, signals: number) => number)
    | undefined;
  /** Where the bytes are: good as long as their ArrayBuffer lives. */
  addressOf(bytes: ArrayBufferView): number;
  /** Of the last call that failed, on this thread. */
  errno(): number;
}

/** Architectures whose socket constants are those of this folder; others (MIPS, SPARC) number them differently. */
const ARCHITECTURES: readonly string[] = ['x64', 'arm64', 'riscv64', 'loong64'];

/**
 * Loads koffi, an optional package, and finds the calls in libc.
 *
 * @throws Error that says what is missing: another system, or no koffi
 */
export async function loadSystemCalls(): Promise<SystemCalls> {
  if (process.platform !== 'linux')
    throw new Error(`the fast path needs Linux, and this is ${process.platform}`);
  if (!ARCHITECTURES.includes(process.arch)) {
    throw new Error(`the fast path knows no system calls of ${process.arch}`);
  }
  const { default: koffi } = await import('koffi');
  // The running program itself: it is linked to libc, whichever that is.
  const libc = koffi.load(null);
  return {
    socket: libc.func('int socket(int, int, int)'),
    bind: libc.func('int bind(int, uintptr_t, uint32_t)'),
    getsockname: libc.func('int getsockname(int, uintptr_t, uintptr_t)'),
    setsockopt: libc.func('int setsockopt(int, int, int, void *, uint32_t)'),
    recvfrom: libc.func('int recvfrom(int, uintptr_t, size_t, int, uintptr_t, uintptr_t)'),
    sendto: libc.func('int sendto(int, uintptr_t, size_t, int, uintptr_t, uint32_t)'),
    recvmmsg: libc.func('int recvmmsg(int, uintptr_t, uint32_t, int, uintptr_t)'),
    sendmmsg: libc.func('int sendmmsg(int, uintptr_t, uint32_t, int)'),
    close: libc.func('int close(int)'),
    eventfd: libc.func('int eventfd(uint32_t, int)'),
    read: libc.func('intptr_t read(int, void *, size_t)'),
    epollCreate: libc.func('int epoll_create1(int)'),
    epollControl: libc.func('int epoll_ctl(int, int, int, uintptr_t)'),
    epollWait: libc.func('int epoll_wait(int, uintptr_t, int, int)'),
    epollWaitPrecisely: findIn(libc, 'int epoll_pwait2(int, uintptr_t, int, uintptr_t, uintptr_t)'),
    // Addresses of user space have at most 52 bits.
    addressOf: (bytes) => Number(koffi.address(bytes)),
    errno: () => koffi.errno(),
  };
}

function findIn<Call>(libc: { func(prototype: string): Call }, prototype: string): Call | undefined {
  try {
    return libc.func(prototype);
  } catch {
    return undefined;
  }
}

const ERRNO_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.errno).map(([name, number]) => [number, name]),
);

/** The error of the call that failed last, as Node's own network throws it: with `code`. */
export function systemError(calls: SystemCalls, what: string): Error {
  const number = calls.errno();
  const code = ERRNO_NAMES.get(number) ?? `errno ${number}`;
  return Object.assign(new Error(`${what}: ${code}`), { code, errno: -number });
}
