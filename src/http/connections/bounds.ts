// How many connections and open files clients may hold, below what the system lets this process have.
import { totalmem } from 'node:os'
import { createMemory } from '../bodies/memory.ts'

export interface ConnectionBounds {
  /** Descriptors of clients: their connections, and the files that are being sent to them. */
  readonly descriptorsMax: number
  /** For the headers of a request, from its first byte or from the start of a connection; whoever is slower is cut off. */
  readonly headTimeoutMs: number
  /** For the body of a request, while nothing but its client keeps it from coming. */
  readonly bodyTimeoutMs: number
  /** A client that takes nothing of an answer for this long is cut off. */
  readonly idleWriteTimeoutMs: number
  /** When places are short, a client that takes nothing for this long makes room. */
  readonly stalledAfterMs: number
  /** A connection that was ended stays open this long for the client to read its answer. */
  readonly lingerMs: number
  /** How often connections are looked at. */
  readonly checkEveryMs: number
}

/** For the store, the log, polls, orders, deliveries, downloads and uploads, each at its own bound at once. */
const reservedMax = 1_024
const clientDescriptorsMax = 24_000
/**
 * What one connection can hold at most, with a request under way: Node reads 64 KiB of a socket at once, and
 * beside that there are its objects, long headers and what is read ahead. A silent one takes some 5 KB. Clients'
 * connections together take half of what the gateway itself leaves at most.
 */
const connectionBytesMax = 96 * 1_024
/** Where the system does not say. */
const openFilesUnknown = 1_024

/** With a small limit, half is for clients and half for the work that they have ordered. */
export function connectionBounds(
  limitBytes: number | null = null,
  openFilesMax: number = readOpenFilesMax(),
): ConnectionBounds {
  const reserved = Math.min(reservedMax, Math.ceil(openFilesMax / 2))
  // Where nothing else bounds the memory of the process, the machine does.
  const memory = createMemory({ limitBytes: limitBytes ?? totalmem(), usedBytes: () => null })
  const fitting = memory.fitting(clientDescriptorsMax, 2 * connectionBytesMax)
  return {
    descriptorsMax: Math.max(1, Math.min(openFilesMax - reserved, fitting)),
    headTimeoutMs: 10_000,
    bodyTimeoutMs: 30_000,
    // Of a large socket buffer the system tells of no progress before a third of it is taken.
    idleWriteTimeoutMs: 60_000,
    stalledAfterMs: 5_000,
    lingerMs: 2_000,
    checkEveryMs: 1_000,
  }
}

/** The soft limit (`ulimit -n`), which Node raises to the hard one when it starts. */
function readOpenFilesMax(): number {
  // Looking up the names of all network interfaces could take seconds.
  Object.assign(process.report, { excludeNetwork: true })
  const { userLimits } = process.report.getReport() as unknown as {
    readonly userLimits?: { readonly open_files?: { readonly soft?: number | 'unlimited' } }
  }
  const soft = userLimits?.open_files?.soft ?? openFilesUnknown
  return soft === 'unlimited' ? Infinity : soft
}
