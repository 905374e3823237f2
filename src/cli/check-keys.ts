// Checks the upstream keys at the start, before the first order uses them: logs results, sets bad ones aside.
import { configuredUpstreams } from '../context.ts'
import type { Context, Upstream } from '../context.ts'
import { noteOwnAnswer } from '../tasks/poll/query.ts'
import { askKeys } from '../upstream/keys/ask-keys.ts'
import type { KeyAnswer } from '../upstream/keys/ask-keys.ts'

/** Never throws. A wrong key or address is logged as an error: the operator has to fix it. */
export async function checkKeys(ctx: Context, signal: AbortSignal): Promise<void> {
  await Promise.all(configuredUpstreams(ctx.upstreams).map((upstream) => checkKeysOf(ctx, upstream, signal)))
}

async function checkKeysOf(ctx: Context, upstream: Upstream, signal: AbortSignal): Promise<void> {
  const answers = await ask(upstream, signal)
  if (signal.aborted) return
  for (const answer of answers) tell(ctx, upstream, answer)
  if (!areForeign(answers)) return
  upstream.recognition.distrust(ctx.clock.now())
  await awaitUpstream(ctx, upstream, signal)
}

/** Polls a task that does not exist, which is free, so that no order is risked to test the address. */
async function awaitUpstream(ctx: Context, upstream: Upstream, signal: AbortSignal): Promise<void> {
  for (let pauseMs = pauseFirstMs; upstream.recognition.isEstranged(); pauseMs *= 2) {
    await ctx.clock.sleep(Math.min(pauseMs, pauseMaxMs), signal)
    if (signal.aborted) return
    const answers = await ask(upstream, signal)
    if (answers.some(({ verdict }) => verdict === 'accepted')) noteOwnAnswer(ctx, upstream)
  }
}

const pauseFirstMs = 1_000
const pauseMaxMs = 60_000

const ask = async (upstream: Upstream, signal: AbortSignal): Promise<KeyAnswer[]> =>
  await askKeys(upstream, signal).catch(() => [])

const areForeign = (answers: readonly KeyAnswer[]): boolean =>
  answers.length > 0 && answers.every(({ verdict }) => verdict === 'foreign')

function tell({ log }: Context, { name }: Upstream, { number, verdict, words }: KeyAnswer): void {
  const said = { upstream: name, number, detail: words }
  if (verdict === 'accepted') log.info(said, 'an upstream key was tried, and is accepted')
  else if (verdict === 'rejected')
    log.error(said, 'an upstream key is rejected; orders wait for one that works')
  else if (verdict === 'foreign')
    log.error(said, 'something other than the upstream answers at its address; orders wait')
  else log.warn(said, 'an upstream key was tried, but the answer says nothing about it yet')
}
