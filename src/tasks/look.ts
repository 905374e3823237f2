// One question to an upstream about one of its tasks.
import type { Clock } from '../clock.ts'
import type { Context, Upstream } from '../context.ts'
import type { Observation } from '../upstream/adapter.ts'
import { pauseAfter429 } from './pace.ts'

export interface Asked {
  readonly upstream: string
  readonly operation: string
  readonly upstreamTaskId: string | null
  /** The key that the work was ordered with. */
  readonly upstreamKey: string | null
}

/** Never throws: where nothing can be asked, nothing is learnt. */
export async function look(
  upstream: Upstream | undefined,
  asked: Asked,
  signal: AbortSignal,
): Promise<Observation> {
  if (!upstream) return { kind: 'unclear', detail: `no upstream named ${asked.upstream} is configured` }
  const key = upstream.keys.keyFor(asked.upstreamKey)
  if (!key) return { kind: 'unclear', detail: 'no upstream key is configured' }
  const { operation, upstreamTaskId } = asked
  return await upstream.adapter.fetch(
    { operation, upstreamTaskId: upstreamTaskId ?? '' },
    { key: key.key, signal },
  )
}

/** As `look`, given up after `ms`. */
export async function lookWithin(
  clock: Clock,
  ms: number,
  upstream: Upstream | undefined,
  asked: Asked,
  signal: AbortSignal,
): Promise<Observation> {
  const over = new AbortController()
  const looked = new AbortController()
  const watch = clock.sleep(ms, looked.signal).then(() => over.abort())
  try {
    return await look(upstream, asked, AbortSignal.any([signal, over.signal]))
  } finally {
    looked.abort()
    await watch
  }
}

/** Counts what was seen and lets the key rest where the upstream asks for it. `nowMs`: when the look began. */
export function noteLook(
  ctx: Context,
  upstream: Upstream | undefined,
  asked: Asked,
  seen: Observation,
  nowMs: number,
): void {
  ctx.metrics.polls.inc({ upstream: asked.upstream, outcome: seen.kind })
  if (upstream && seen.kind === 'rate_limited') {
    upstream.keys.pause(asked.upstreamKey ?? '', nowMs + pauseAfter429(upstream, seen.retryAfterMs), nowMs)
  }
}
