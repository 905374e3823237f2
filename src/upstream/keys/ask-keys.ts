// Tests each upstream key with a query for a task that cannot exist; used by the doctor and at the start.
import type { Adapter, Observation } from '../adapter.ts'

export interface KeyAnswer {
  /** Position in `api_key`, from 1. */
  readonly number: number
  readonly verdict: 'accepted' | 'rejected' | 'rate_limited' | 'foreign' | 'unclear'
  /** For the operator; contains no key. */
  readonly words: string
}

interface Asked {
  readonly settings: { readonly keys: readonly string[]; readonly baseUrl: string }
  readonly adapter: Pick<Adapter, 'fetch'>
}

/** No upstream assigns such an id: the answer shows whether the key is valid, and costs nothing. */
const noSuchWork = { operation: 'image_generate', upstreamTaskId: 'doctor' }

/** One answer for each key, in their order. */
export async function askKeys({ settings, adapter }: Asked, signal: AbortSignal): Promise<KeyAnswer[]> {
  return await Promise.all(
    settings.keys.map(async (key, at) => {
      const seen = await adapter.fetch(noSuchWork, { key, signal })
      return { number: at + 1, ...keyAnswerOf(seen, settings.baseUrl) }
    }),
  )
}

function keyAnswerOf(seen: Observation, baseUrl: string): Omit<KeyAnswer, 'number'> {
  if (seen.kind === 'missing') return { verdict: 'accepted', words: `accepted by ${baseUrl}` }
  if (seen.kind === 'key_rejected') return { verdict: 'rejected', words: `rejected: ${seen.detail}` }
  if (seen.kind === 'rate_limited') {
    return { verdict: 'rate_limited', words: `${baseUrl} asks for patience: ${seen.detail}` }
  }
  const detail = 'detail' in seen ? seen.detail : seen.kind
  if (seen.kind === 'unclear' && seen.isForeign) {
    const words = `something else than the upstream answers at ${baseUrl}: ${detail}. Look at base_url, of which a version such as /v1 may be missing, and at what stands before it`
    return { verdict: 'foreign', words }
  }
  return { verdict: 'unclear', words: `${baseUrl} gave no clear answer: ${detail}` }
}
