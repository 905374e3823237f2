// Texts to take along: a button that copies, and code that is copied whole.
import { useSignal } from '@preact/signals'
import { words } from '../language/language.ts'
import { withKey } from '../session.ts'
import { Button } from './button.tsx'
import { Icon } from './icons.tsx'

const shownMs = 1_500

export function Copy({ text, label }: { readonly text: string; readonly label?: string }) {
  const isDone = useSignal(false)
  const copy = async () => {
    await navigator.clipboard.writeText(await withKey(text))
    isDone.value = true
    setTimeout(() => {
      isDone.value = false
    }, shownMs)
  }
  return (
    <Button
      kind={label === undefined ? 'quiet' : 'plain'}
      size={label === undefined ? 'icon' : 'normal'}
      aria-label={label ?? words.value.copy}
      onClick={() => void copy()}
    >
      <Icon name={isDone.value ? 'check' : 'copy'} />
      {label}
      <span role="status" class="sr-only">
        {isDone.value ? words.value.copied : ''}
      </span>
    </Button>
  )
}

export function Code({ text }: { readonly text: string }) {
  return (
    <div class="relative w-full rounded-lg border border-line bg-bg text-left">
      <pre tabIndex={0} class="overflow-x-auto p-3 pr-12 font-mono text-xs whitespace-pre">
        {text}
      </pre>
      <div class="absolute top-1 right-1 rounded-lg bg-bg">
        <Copy text={text} />
      </div>
    </div>
  )
}

/** An id, short where it stands in a row. */
export function Id({ id, short = false }: { readonly id: string; readonly short?: boolean }) {
  return (
    <span class={`font-mono text-xs ${short ? 'whitespace-nowrap' : ''}`} title={id}>
      {short ? `${id.slice(0, 12)}…${id.slice(-4)}` : id}
    </span>
  )
}
