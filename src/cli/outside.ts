// Fetches PUBLIC_URL like the upstream would fetch an upload, as far as this machine can tell.
import type { Config } from '../config/config.ts'
import { randomText } from '../ids.ts'
import { mediaPath } from '../media/keep.ts'
import { mediaNameLength } from '../media/stores/blob-store.ts'
import { keepsUploads } from '../media/uploads/ours.ts'
import { OutgoingError } from '../net/error.ts'
import type { Guard } from '../net/guard.ts'

export interface Outside {
  readonly isReached: boolean
  readonly words: string
}

const timeoutMs = 5_000
const answerBytesMax = 16 * 1024

/** Null if we do not keep uploads. Sends only a GET for a file that does not exist. */
export async function askOutside(
  config: Pick<Config, 'media' | 'publicUrl'>,
  guard: Guard,
): Promise<Outside | null> {
  if (!keepsUploads(config)) return null
  const trouble = await troubleWith(`${config.publicUrl}${mediaPath}/`, guard)
  if (trouble === null) {
    return {
      isReached: true,
      words: `kept by us; ${config.publicUrl}${mediaPath}/ is answered by a tollgate`,
    }
  }
  return {
    isReached: false,
    words:
      `what customers upload has URLs below ${config.publicUrl}${mediaPath}/, and from this machine ${trouble}. ` +
      'Orders with an upload that Keevx cannot fetch fail, and their credits come back. ' +
      'Start the gateway and look at the proxy and the name, or set media.uploads: upstream',
  }
}

async function troubleWith(url: string, guard: Guard): Promise<string | null> {
  try {
    const answer = await guard.fetch(`${url}${randomText(mediaNameLength)}.png`, {
      timeoutMs,
      maxBytes: answerBytesMax,
    })
    try {
      const pieces: Buffer[] = []
      for await (const piece of answer.body) pieces.push(piece)
      return isOurs(Buffer.concat(pieces).toString('utf8'))
        ? null
        : `something else than a tollgate answers there, with HTTP ${answer.status}`
    } finally {
      answer.close()
    }
  } catch (error) {
    if (error instanceof OutgoingError) return `it was not reached: ${error.message}`
    throw error
  }
}

/** Whether the body is our own answer for a missing file. */
function isOurs(text: string): boolean {
  try {
    const answer = JSON.parse(text) as { error?: { type?: unknown; request_id?: unknown } } | null
    const { type, request_id: requestId } = answer?.error ?? {}
    return type === 'not_found' && typeof requestId === 'string' && requestId.startsWith('req_')
  } catch {
    return false
  }
}
