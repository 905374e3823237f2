// Limits on clients' connections and open files, below the system's limits for this process.
import { totalmem } from 'node:os'
import { createMemory } from '../bodies/memory.ts'

export interface ConnectionBounds {
  /** File descriptors for clients: their connections, and the files being sent to them. */
  readonly descriptorsMax: number
  /** For a request's headers, from its first byte or the connection's start; a slower client is cut off. */
  readonly headTimeoutMs: number
  /** For the body of a request; counts only the time spent waiting for the client. */
  readonly bodyTimeoutMs: number
  /** A client that accepts no bytes of an answer for this long is cut off. */
  readonly idleWriteTimeoutMs: number
  /** When descriptors are short, a client that accepts no bytes for this long may be closed. */
  readonly stalledAfterMs: number
  /** A connection that we ended stays open this long so that the client can read its answer. */
  readonly lingerMs: number
  /** How often connections are checked. */
  readonly checkEveryMs: number
}

/** For the store, the log, polls, submits, deliveries, downloads and uploads, all at their limits at once. */
const reservedMax = 1_024
const clientDescriptorsMax = 24_000
/**
 * The most memory that one connection with a request in progress can hold: Node reads 64 KiB from a socket at
 * once, plus objects, long headers and read-ahead data. An idle one takes some 5 KB. All client connections
 * together get at most half of the memory that the gateway itself leaves.
 */
const connectionBytesMax = 96 * 1_024
/** If the system does not report its limit. */
const openFilesUnknown = 1_024

/** With a low limit, half is for clients and half for the gateway's own work on their orders. */
export function connectionBounds(
  limitBytes: number | null = null,
  openFilesMax: number = readOpenFilesMax(),
): ConnectionBounds {
  const reserved = Math.min(reservedMax, Math.ceil(openFilesMax / 2))
  // Without a cgroup limit, the machine's memory is the limit.
  const memory = createMemory({ limitBytes: limitBytes ?? totalmem(), usedBytes: () => null })
  const fitting = memory.fitting(clientDescriptorsMax, 2 * connectionBytesMax)
  return {
    descriptorsMax: Math.max(1, Math.min(openFilesMax - reserved, fitting)),
    headTimeoutMs: 10_000,
    bodyTimeoutMs: 30_000,
    // With a large socket buffer, the system reports no progress until a third of it has been read.
    idleWriteTimeoutMs: 60_000,
    stalledAfterMs: 5_000,
    lingerMs: 2_000,
    checkEveryMs: 1_000,
  }
}

/** The soft limit (`ulimit -n`), which Node raises to the hard one when it starts. */
function readOpenFilesMax(): number {
  // Without this, the report would look up the names of all network interfaces, which can take seconds.
  Object.assign(process.report, { excludeNetwork: true })
  const { userLimits } = process.report.getReport() as unknown as {
    readonly userLimits?: { readonly open_files?: { readonly soft?: number | 'unlimited' } }
  }
  const soft = userLimits?.open_files?.soft ?? openFilesUnknown
  return soft === 'unlimited' ? Infinity : soft
}
