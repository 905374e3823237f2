// Audits the ledger while the gateway serves: one audit at a time, as long as it progresses, and keeps the last result.
import type { Clock } from '../clock.ts'
import type { Context } from '../context.ts'
import { GatewayError } from '../errors.ts'
import type { AuditSignals } from './audit.ts'
import type { Drift } from './pass/findings.ts'
import type { Lateness, Verification } from './pass/pass.ts'
import { neverLate } from './verify.ts'

/** A slice takes a fraction of a second in a store of any size; a thread without one for this long hangs. */
const sliceDeadlineMs = 5 * 60_000
/** A query that is running in the thread has to finish before the thread can end. */
const stopMaxMs = 2_000

/** The result of the last completed audit. */
export interface Audited {
  readonly ok: boolean
  readonly drift: readonly Drift[]
  /** When it began: its findings were true then or later. */
  readonly atMs: number
  readonly tookMs: number
}

export interface Auditor {
  /** Joins the running audit, or starts one. Throws unavailable if it cannot read, or makes no progress. */
  verify(): Promise<Verification>
  /** Null until the first audit is complete. */
  last(): Audited | null
  /** Ends the running audit. */
  stop(): Promise<void>
}

export interface AuditorOptions {
  readonly run: (nowMs: number, late: Lateness, signals: AuditSignals) => Promise<Verification>
  readonly late: Lateness
}

export function createAuditor(
  { clock, log, metrics }: Pick<Context, 'clock' | 'log' | 'metrics'>,
  { run, late }: AuditorOptions,
): Auditor {
  const startedAt = clock.now()
  const stopping = new AbortController()
  let underWay: Promise<Verification> | null = null
  let ended: Promise<unknown> = Promise.resolve()
  let last: Audited | null = null

  const audit = async (): Promise<Verification> => {
    const nowMs = clock.now()
    const tooLong = new AbortController()
    const progress = { atMs: clock.monotonic() }
    const signal = AbortSignal.any([tooLong.signal, stopping.signal])
    const onSlice = () => void (progress.atMs = clock.monotonic())
    // Soon after a start, tasks that passed their limit while the process was down may still be open.
    const running = run(nowMs, nowMs - startedAt < late.overdueMs ? neverLate : late, { signal, onSlice })
    // The next audit may begin when this one has closed the store, which may be after its deadline.
    ended = running.catch(() => undefined).finally(() => (underWay = null))
    try {
      const found = await whileItGoesOn(running, { progress, tooLong, clock })
      last = { ok: found.ok, drift: found.drift, atMs: nowMs, tookMs: Math.max(0, clock.now() - nowMs) }
      for (const [check, lines] of Map.groupBy(found.drift, (line) => line.check)) {
        log.error({ check, rows: lines.length, first: lines[0] }, 'the ledger breaks a promise')
      }
      return found
    } catch (error) {
      if (stopping.signal.aborted) throw stopped()
      metrics.ledgerVerifyFailures.inc({})
      log.error({ err: error }, 'the ledger could not be verified')
      throw error instanceof GatewayError ? error : cannotLook(error)
    }
  }

  return {
    verify: async () => await (underWay ??= audit()),
    last: () => last,
    async stop() {
      stopping.abort()
      const waited = new AbortController()
      await Promise.race([ended, clock.sleep(stopMaxMs, waited.signal)])
      waited.abort()
    },
  }
}

interface Watch {
  /** When the audit last finished a slice, by the monotonic clock. */
  readonly progress: { readonly atMs: number }
  readonly tooLong: AbortController
  readonly clock: Clock
}

/** Rejects if no slice is read within the deadline, and asks the audit to end. */
async function whileItGoesOn(
  running: Promise<Verification>,
  { progress, tooLong, clock }: Watch,
): Promise<Verification> {
  const done = new AbortController()
  const watching = (async () => {
    for (;;) {
      const leftMs = progress.atMs + sliceDeadlineMs - clock.monotonic()
      if (leftMs <= 0) break
      await clock.sleep(leftMs, done.signal)
      if (done.signal.aborted) return
    }
    tooLong.abort()
    throw standsStill()
  })()
  try {
    return await Promise.race([running, watching as Promise<never>])
  } finally {
    done.abort()
  }
}

/** When a failed request for an audit may be repeated. */
const retryAfterMs = 60_000

const standsStill = () =>
  new GatewayError(
    'unavailable',
    {
      en: `The audit of the ledger stood still for ${sliceDeadlineMs / 60_000} minutes and was ended. Nothing was changed. tollgate ledger verify takes the time it needs.`,
      zh: `账本校验停滞超过 ${sliceDeadlineMs / 60_000} 分钟,已被终止。未做任何更改。tollgate ledger verify 不受此时间限制。`,
    },
    { retryAfterMs },
  )

const cannotLook = (cause: unknown) => {
  const words = cause instanceof Error ? cause.message : String(cause)
  return new GatewayError(
    'unavailable',
    {
      en: `The ledger could not be verified: ${words} Nothing was changed. tollgate doctor looks for the cause.`,
      zh: `账本无法校验:${words} 未做任何更改。请运行 tollgate doctor 查找原因。`,
    },
    { cause, retryAfterMs },
  )
}

const stopped = () =>
  new GatewayError(
    'unavailable',
    {
      en: 'The gateway is stopping, so the ledger was not verified. Nothing was changed. Ask again.',
      zh: '网关正在停止,账本未完成校验。未做任何更改。请稍后重试。',
    },
    { retryAfterMs: 5_000 },
  )
