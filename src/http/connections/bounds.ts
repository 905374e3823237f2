// How many connections and open files clients may hold, below what the system lets this process have.

export interface ConnectionBounds {
  /** Descriptors of clients: their connections, and the files that are being sent to them. */
  readonly descriptorsMax: number
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
/** An idle connection takes about 10 KB of memory, one with a request under way several times that. */
const clientDescriptorsMax = 24_000
/** Where the system does not say. */
const openFilesUnknown = 1_024

/** With a small limit, half is for clients and half for the work that they have ordered. */
export function connectionBounds(openFilesMax: number = readOpenFilesMax()): ConnectionBounds {
  const reserved = Math.min(reservedMax, Math.ceil(openFilesMax / 2))
  return {
    descriptorsMax: Math.max(1, Math.min(openFilesMax - reserved, clientDescriptorsMax)),
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
