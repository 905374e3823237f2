// The price of the order as it stands, and the button that places it.
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { call } from '../../../api/client.ts'
import { again } from '../../../api/queries.ts'
import { words } from '../../../language/language.ts'
import { Button } from '../../../parts/button.tsx'
import { number } from '../../../parts/format.ts'
import { Problem } from '../../../parts/problem.tsx'
import { randomKey } from '../../../parts/random.ts'
import { Refused } from './refused.tsx'
import { bodyOf, isPossible } from './choice.ts'
import type { Model, Order } from './choice.ts'

/** A price is asked for when the reader has stopped changing the order. */
const pauseMs = 250

interface RunBarProps {
  readonly model: Model
  readonly order: Order
  readonly onRun: (taskIds: readonly string[]) => void
}

export function RunBar({ model, order, onRun }: RunBarProps) {
  const text = words.value.playground
  const price = useSignal<number | null>(null)
  const quoteFailure = useSignal<unknown>(null)
  const failure = useSignal<unknown>(null)
  const isBusy = useSignal(false)
  /** Stays until an answer has come: an order whose answer was lost is not placed twice. */
  const attempt = useSignal<{ readonly body: string; readonly key: string } | null>(null)
  const body = JSON.stringify(bodyOf(model, order))
  const quote = async (asked: object, signal: AbortSignal) => {
    try {
      const { credits } = await call('post', '/api/v1/quote', { body: asked as never, signal })
      price.value = credits
      quoteFailure.value = null
    } catch (error) {
      if (signal.aborted) return
      price.value = null
      quoteFailure.value = error
    }
  }
  useEffect(() => {
    const aborter = new AbortController()
    const timer = setTimeout(() => {
      // The price does not depend on the words, and a quote needs some.
      const asked = { ...bodyOf(model, order), prompt: order.prompt.trim() || '…' }
      void quote(asked, aborter.signal)
    }, pauseMs)
    return () => {
      clearTimeout(timer)
      aborter.abort()
    }
  }, [body])
  const run = async () => {
    failure.value = null
    isBusy.value = true
    if (attempt.value?.body !== body) attempt.value = { body, key: randomKey() }
    try {
      const created = await call('post', '/api/v1/tasks/create', {
        body: JSON.parse(body) as never,
        headers: { 'Idempotency-Key': attempt.value?.key ?? randomKey() },
      })
      attempt.value = null
      onRun(created.task_ids)
      await again('/api/v1/credits', '/api/v1/tasks')
    } catch (error) {
      // A refusal has decided; an answer that did not come has not.
      if (!(error instanceof TypeError)) attempt.value = null
      failure.value = error
    } finally {
      isBusy.value = false
    }
  }
  const isReady = order.prompt.trim() !== '' && isPossible(model, order)
  return (
    <div class="grid gap-3 border-t border-line pt-4">
      <Problem error={quoteFailure.value} />
      <Refused error={failure.value} />
      <div class="flex items-center gap-3">
        <p class="num min-w-0 grow" aria-live="polite">
          {price.value === null ? (
            <span class="text-ink-3">{text.pricing}</span>
          ) : (
            <>
              <strong class="text-lg">{number(price.value)}</strong> {text.credits}
            </>
          )}
        </p>
        <Button
          kind="primary"
          size="large"
          type="submit"
          disabled={!isReady || isBusy.value}
          onClick={() => void run()}
        >
          {text.run}
        </Button>
      </div>
    </div>
  )
}
