// What pages have read, kept while somebody looks at it, and read again when it may have changed.
import { signal, useSignal } from '@preact/signals'
import type { Signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Answer, Call, PathsOf } from './client.ts'
import { call, Refusal, urlOf } from './client.ts'

interface Kept {
  readonly path: string
  readonly answer: Signal<unknown>
  readonly error: Signal<unknown>
  readonly read: () => Promise<void>
  /** An answer that is on its way may be from before the change, so it is read once more behind it. */
  readonly readAnew: () => Promise<void>
  readAtMs: number
  /** How many parts of the page show it. */
  readers: number
}

const kept = new Map<string, Kept>()
/** A page that is shown again takes what is not older. */
const freshMs = 5_000
/** After a failure that another try may mend. */
const retryPausesMs = [500, 2_000] as const

/** What one reader has seen is not shown to the next. */
export function forget(): void {
  kept.clear()
}

function entryOf(path: string, key: string, ask: () => Promise<unknown>): Kept {
  const known = kept.get(key)
  if (known) return known
  let reading: Promise<void> | null = null
  let isOutdated = false
  const entry: Kept = {
    path,
    answer: signal(undefined),
    error: signal(null),
    readAtMs: 0,
    readers: 0,
    async read() {
      reading ??= take().finally(() => {
        reading = null
      })
      await reading
    },
    async readAnew() {
      isOutdated = reading !== null
      await entry.read()
    },
  }
  const take = async () => {
    try {
      const answer = await patiently(ask)
      // What has not changed is not drawn again.
      if (JSON.stringify(answer) !== JSON.stringify(entry.answer.value)) entry.answer.value = answer
      entry.error.value = null
      entry.readAtMs = Date.now()
    } catch (error) {
      entry.error.value = error
    }
    if (!isOutdated) return
    isOutdated = false
    await take()
  }
  kept.set(key, entry)
  return entry
}

async function patiently(ask: () => Promise<unknown>): Promise<unknown> {
  for (const pauseMs of retryPausesMs) {
    try {
      return await ask()
    } catch (error) {
      if (error instanceof Refusal && error.status < 500) throw error
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }
  return await ask()
}

interface Reading<A> {
  /** Read again so often, until `until` says that it will not change any more. */
  readonly everyMs?: number
  readonly until?: (answer: A) => boolean
  readonly enabled?: boolean
}

export interface Read<A> {
  /** Where the answer comes from. */
  readonly url: string
  /** Undefined until the first answer; while another is read the one before stays, so that nothing jumps. */
  readonly data: A | undefined
  readonly error: unknown
  refetch(): void
}

export function useAnswer<P extends PathsOf<'get'>>(
  path: P,
  given: Pick<Call<P, 'get'>, 'path' | 'query'> = {},
  { everyMs, until, enabled = true }: Reading<Answer<P>> = {},
): Read<Answer<P>> {
  const key = `${path} ${JSON.stringify(given)}`
  const entry = entryOf(path, key, async () => await call('get', path, given))
  const before = useRef<unknown>(undefined)
  useEffect(() => {
    if (!enabled) return undefined
    entry.readers++
    if (Date.now() - entry.readAtMs > freshMs) void entry.read()
    const isDone = () => until?.(entry.answer.value as Answer<P>) ?? false
    const tick = () => {
      if (!document.hidden && !(entry.answer.value !== undefined && isDone())) void entry.read()
    }
    const timer = everyMs === undefined ? null : setInterval(tick, everyMs)
    return () => {
      entry.readers--
      if (timer !== null) clearInterval(timer)
    }
  }, [key, enabled, everyMs])
  const now = entry.answer.value
  if (now !== undefined) before.current = now
  return {
    url: urlOf(path, given),
    data: (now ?? before.current) as Answer<P> | undefined,
    error: entry.error.value,
    refetch: () => void entry.read(),
  }
}

/** Reads anew whatever is shown, and forgets the rest, of the paths that `concerns` chooses. */
export async function readAgain(concerns: (path: string) => boolean): Promise<void> {
  const readings: Promise<void>[] = []
  for (const [key, entry] of kept) {
    if (!concerns(entry.path)) continue
    if (entry.readers > 0) readings.push(entry.readAnew())
    else kept.delete(key)
  }
  await Promise.all(readings)
}

export async function again(...paths: readonly PathsOf<'get'>[]): Promise<void> {
  await readAgain((path) => (paths as readonly string[]).includes(path))
}

// Who comes back to the page sees what is true now.
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) void readAgain(() => true)
})

interface Step<Input, Output> {
  /** What the last run answered. */
  readonly data: Output | undefined
  readonly error: unknown
  readonly isPending: boolean
  readonly isSuccess: boolean
  mutate(input: Input): void
}

/** A step that changes something; what it may have changed is read anew. */
export function useStep<Input, Output>(
  step: (input: Input) => Promise<Output>,
  changes: readonly PathsOf<'get'>[] = [],
): Step<Input, Output> {
  const state = useSignal<{ data?: Output; error: unknown; isPending: boolean; isSuccess: boolean }>({
    error: null,
    isPending: false,
    isSuccess: false,
  })
  const run = async (input: Input) => {
    state.value = { error: null, isPending: true, isSuccess: false }
    try {
      const data = await step(input)
      await again(...changes)
      state.value = { data, error: null, isPending: false, isSuccess: true }
    } catch (error) {
      state.value = { error, isPending: false, isSuccess: false }
    }
  }
  const { data, error, isPending, isSuccess } = state.value
  return { data, error, isPending, isSuccess, mutate: (input) => void run(input) }
}
