// A moment: as a clock shows it, with the whole of it on a closer look.
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { span, time, wholeTime } from './format.ts'

export function Time({ at }: { readonly at: number }) {
  return (
    <time class="num whitespace-nowrap" dateTime={new Date(at * 1000).toISOString()} title={wholeTime(at)}>
      {time(at)}
    </time>
  )
}

const tickMs = 1_000

/** How long ago something began; it goes on by itself. */
export function Elapsed({ since }: { readonly since: number }) {
  const nowMs = useSignal(Date.now())
  useEffect(() => {
    const timer = setInterval(() => {
      nowMs.value = Date.now()
    }, tickMs)
    return () => clearInterval(timer)
  }, [nowMs])
  return <span class="num">{span(nowMs.value / 1000 - since)}</span>
}
