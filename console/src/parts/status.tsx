// The status of a task, by words, colour and shape.
import type { ComponentChildren } from 'preact'
import { words } from '../language/language.ts'

const tones = {
  ok: 'bg-ok-soft text-ok',
  run: 'bg-run-soft text-run',
  wait: 'bg-wait-soft text-wait',
  bad: 'bg-bad-soft text-bad',
  none: 'bg-hover text-ink-2',
} as const
const shapes = { ok: 'circle', run: 'square', wait: 'triangle', bad: 'cross', none: 'circle' } as const

export type Tone = keyof typeof tones

export function Tag({ tone, children }: { readonly tone: Tone; readonly children: ComponentChildren }) {
  return (
    <span
      class={`inline-flex h-[22px] items-center gap-1.5 rounded-md px-2 text-xs font-medium whitespace-nowrap ${tones[tone]}`}
    >
      <i class="mark" data-shape={shapes[tone]} aria-hidden="true" />
      {children}
    </span>
  )
}

const toneOf = { 1: 'wait', 2: 'run', 3: 'ok', 4: 'bad' } as const

export function TaskStatus({ status }: { readonly status: 1 | 2 | 3 | 4 }) {
  return <Tag tone={toneOf[status]}>{words.value.status[status]}</Tag>
}
