// Panels, tiles of figures, and what a page shows while it loads, when it is empty or when it failed.
import type { ComponentChildren } from 'preact'

export function Panel({
  title,
  actions,
  flush = false,
  children,
}: {
  readonly title?: ComponentChildren
  readonly actions?: ComponentChildren
  /** Without padding, for tables and lists. */
  readonly flush?: boolean
  readonly children: ComponentChildren
}) {
  return (
    <section class="min-w-0 rounded-[10px] border border-line bg-panel">
      {(title !== undefined || actions !== undefined) && (
        <div class="flex min-h-12 flex-wrap items-center gap-2 border-b border-line px-4 py-2">
          <h2 class="grow font-semibold">{title}</h2>
          {actions}
        </div>
      )}
      <div class={flush ? 'min-w-0' : 'p-4'}>{children}</div>
    </section>
  )
}

export interface TileProps {
  readonly label: string
  readonly value: ComponentChildren
  readonly note?: ComponentChildren
  readonly href?: string | undefined
}

export function Tiles({ children }: { readonly children: ComponentChildren }) {
  return (
    <dl class="grid grid-cols-2 gap-px overflow-hidden rounded-[10px] border border-line bg-line md:auto-cols-fr md:grid-flow-col md:grid-cols-none">
      {children}
    </dl>
  )
}

export function Tile({ label, value, note, href }: TileProps) {
  return (
    <div class="relative min-w-0 bg-panel px-4 py-3.5 max-md:last:odd:col-span-2">
      <dt class="text-xs text-ink-2">
        {href === undefined ? (
          label
        ) : (
          <a href={href} class="after:absolute after:inset-0 hover:underline">
            {label}
          </a>
        )}
      </dt>
      <dd class="num mt-1 text-[22px] leading-[30px] font-semibold tracking-tight [overflow-wrap:normal]">
        {value}
      </dd>
      {note !== undefined && <dd class="min-h-4 text-xs text-ink-3">{note}</dd>}
    </div>
  )
}

/** Lines in the place of what is still loading, of the size that it will have. */
export function Skeleton({ lines = 3, height = 20 }: { readonly lines?: number; readonly height?: number }) {
  return (
    <div class="grid gap-3" aria-busy="true">
      {Array.from({ length: lines }, (_, at) => (
        <div key={at} class="skeleton" style={{ height, width: `${92 - ((at * 17) % 40)}%` }} />
      ))}
    </div>
  )
}

export function Empty({
  title,
  children,
}: {
  readonly title: string
  readonly children?: ComponentChildren
}) {
  return (
    <div class="grid justify-items-center gap-3 px-4 py-10 text-center text-ink-2">
      <p class="font-medium text-ink">{title}</p>
      {children}
    </div>
  )
}
