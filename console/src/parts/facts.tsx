// Names and values, one below the other.
import type { ComponentChildren } from 'preact'

export function Facts({ facts }: { readonly facts: readonly (readonly [string, ComponentChildren])[] }) {
  return (
    <dl class="grid grid-cols-[minmax(96px,auto)_1fr] gap-x-4 gap-y-1.5">
      {facts.map(([name, value]) => (
        <div key={name} class="contents">
          <dt class="text-ink-3">{name}</dt>
          <dd class="min-w-0">{value}</dd>
        </div>
      ))}
    </dl>
  )
}
