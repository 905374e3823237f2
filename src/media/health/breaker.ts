// Circuit breaker for the result store: opened and closed by probes and by the outcome of real files.
import type { Clock } from '../../clock.ts'
import type { ResultStore, ResultStoreReport, ResultStoreState } from '../../context.ts'
import type { Logger } from '../../log.ts'
import { isOfTheDisk, StoreDown, StoreFault, StoreSilent, wordsOfFault } from './fault.ts'
import type { Probe } from './probe.ts'

interface BreakerOptions {
  /** Null if results are not kept. */
  readonly probe: Probe | null
  readonly clock: Clock
  readonly log: Logger
  /** The circuit has opened or closed. */
  readonly onChange: () => void
}

/** Three small steps over a network. */
const probeMaxMs = 5_000
/** A probe's result is reused for this long, however often it is asked for. */
const freshMs = 2_000
/** A file that takes longer than this makes the store suspect; then it is probed at growing intervals. */
const suspectAfterMs = 3_000
/** After this many tasks in a row without a stored file, successful probes no longer count. */
const failingTasksMax = 2
const firstTrial = { atMs: 0, pauseMs: 10_000 }
const trialPauseMaxMs = 5 * 60_000

export class Breaker implements ResultStore {
  readonly #options: BreakerOptions
  /** What opened the circuit; null while it is closed. */
  #openedBy: 'probe' | 'files' | null = null
  #trial = firstTrial
  #lastSuccessAtMs: number | null = null
  #lastError: { atMs: number; words: string } | null = null
  #checkedAt = -Infinity
  #checking: Promise<void> | null = null
  /** The last probe. The next one waits for it, even forever: another would only block one more thread. */
  #probe: Promise<unknown> = Promise.resolve()
  readonly #failingTasks = new Set<string>()
  readonly #inHand = new Set<AbortController>()

  constructor(options: BreakerOptions) {
    this.#options = options
  }

  state(): ResultStoreState {
    if (this.#openedBy === null) return 'works'
    const isTrial = this.#openedBy === 'files' && this.#inHand.size === 0
    return isTrial && this.#options.clock.monotonic() >= this.#trial.atMs ? 'trial' : 'down'
  }

  report(): ResultStoreReport {
    return { state: this.state(), lastSuccessAtMs: this.#lastSuccessAtMs, lastError: this.#lastError }
  }

  async check(): Promise<void> {
    const { probe, clock } = this.#options
    if (!probe || clock.monotonic() - this.#checkedAt < freshMs) return
    await (this.#checking ??= this.#runProbe(probe).finally(() => (this.#checking = null)))
  }

  async recheck(): Promise<void> {
    this.#checkedAt = -Infinity
    await this.check()
  }

  async use<Result>(taskId: string, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    if (this.state() === 'down') throw storeDown()
    const opened = new AbortController()
    const ended = new AbortController()
    this.#inHand.add(opened)
    void this.#suspect(ended.signal)
    try {
      const result = await unlessAborted(opened.signal, work(opened.signal))
      this.#noteSuccess()
      this.#failingTasks.clear()
      this.#close()
      return result
    } catch (error) {
      if (opened.signal.aborted) throw storeDown()
      this.#inHand.delete(opened)
      if (isFault(error)) await this.#failed(taskId, error)
      throw error
    } finally {
      this.#inHand.delete(opened)
      ended.abort()
    }
  }

  async #runProbe(probe: Probe): Promise<void> {
    const { clock, log } = this.#options
    const cut = new AbortController()
    const before = this.#probe.catch(() => undefined)
    this.#probe = before.then(async () => {
      cut.signal.throwIfAborted()
      return await probe.run(cut.signal)
    })
    this.#probe.catch(() => undefined)
    try {
      const leftover = await withinTime(clock, this.#probe, cut)
      if (leftover !== null) {
        this.#noteError(leftover)
        const detail = this.#lastError?.words
        log.warn({ detail }, 'the store for results keeps a file and would not remove it')
      }
      this.#noteSuccess()
      if (this.#openedBy !== 'files') this.#close()
    } catch (error) {
      this.#noteError(error)
      this.#open('probe')
    }
    this.#checkedAt = clock.monotonic()
  }

  /** Throws StoreDown if the store turns out to be down; a failed trial only delays the next one. */
  async #failed(taskId: string, error: unknown): Promise<void> {
    this.#noteError(error)
    if (this.#openedBy === 'files') {
      this.#putTrialOff()
      return
    }
    this.#failingTasks.add(taskId)
    // Only a probe made after the failure counts.
    await this.recheck()
    if (this.#openedBy === null && this.#failingTasks.size >= failingTasksMax) {
      this.#putTrialOff()
      this.#open('files')
    }
    if (this.#openedBy !== null) throw storeDown()
  }

  /** Probes the store while a file takes long. */
  async #suspect(ended: AbortSignal): Promise<void> {
    for (let waitMs = suspectAfterMs; ; waitMs *= 2) {
      await this.#options.clock.sleep(waitMs, ended)
      if (ended.aborted) return
      await this.check()
    }
  }

  #open(by: 'probe' | 'files'): void {
    const isNew = this.#openedBy === null
    this.#openedBy = by
    for (const each of this.#inHand) each.abort()
    if (!isNew) return
    this.#options.log.error(
      { detail: this.#lastError?.words },
      'the store for results does not work: results are passed on as the upstream has them, and kept once it works again',
    )
    this.#options.onChange()
  }

  #close(): void {
    if (this.#openedBy === null) return
    this.#openedBy = null
    this.#failingTasks.clear()
    this.#trial = firstTrial
    this.#options.log.info('the store for results works again: results that were passed on are kept now')
    this.#options.onChange()
  }

  #putTrialOff(): void {
    const { pauseMs } = this.#trial
    const atMs = this.#options.clock.monotonic() + pauseMs
    this.#trial = { atMs, pauseMs: Math.min(pauseMs * 2, trialPauseMaxMs) }
  }

  #noteError(error: unknown): void {
    this.#lastError = { atMs: this.#options.clock.now(), words: wordsOfFault(error) }
  }

  #noteSuccess(): void {
    this.#lastSuccessAtMs = this.#options.clock.now()
  }
}

const storeDown = () => new StoreDown('the store for results does not work')

/** Errors of the store only, not of the upstream or of a stop. */
const isFault = (error: unknown): boolean => error instanceof StoreFault || isOfTheDisk(error)

/** Throws StoreSilent and aborts `cut` if the work takes too long. */
async function withinTime<Result>(
  clock: Clock,
  work: Promise<Result>,
  cut: AbortController,
): Promise<Result> {
  const ended = new AbortController()
  const late = async (): Promise<never> => {
    await clock.sleep(probeMaxMs, ended.signal)
    // After the process was suspended, sockets are read once before the timeout counts.
    await new Promise((resolve) => setImmediate(resolve))
    cut.abort()
    throw new StoreSilent()
  }
  try {
    const silence = late()
    silence.catch(() => undefined)
    return await Promise.race([work, silence])
  } finally {
    ended.abort()
  }
}

/** Disk operations cannot be cancelled: on abort they are left running. */
async function unlessAborted<Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result> {
  const cut = Promise.withResolvers<never>()
  const onAbort = () => cut.reject(storeDown())
  signal.addEventListener('abort', onAbort, { once: true })
  work.catch(() => undefined)
  try {
    return await Promise.race([work, cut.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
