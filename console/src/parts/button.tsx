// Buttons: one that leads, plain ones, and those that undo or end something.
import type { ComponentChildren, JSX } from 'preact'
import { Icon } from './icons.tsx'
import type { IconName } from './icons.tsx'

export interface ButtonProps {
  readonly kind?: 'plain' | 'primary' | 'danger' | 'quiet'
  readonly size?: 'normal' | 'large' | 'icon'
  readonly children: ComponentChildren
}

const kinds = {
  plain: 'border border-line-strong bg-panel text-ink hover:bg-hover',
  primary: 'border border-transparent bg-accent text-accent-ink hover:brightness-110',
  danger: 'border border-line-strong bg-panel text-bad hover:bg-bad-soft',
  quiet:
    'border border-transparent text-ink-2 hover:bg-hover hover:text-ink aria-pressed:bg-hover aria-pressed:text-ink',
} as const
const sizes = { normal: 'h-8 px-3', large: 'h-10 px-5', icon: 'h-8 w-8 shrink-0' } as const

const looks = (kind: keyof typeof kinds, size: keyof typeof sizes): string =>
  `inline-flex items-center justify-center gap-2 rounded-lg text-base font-medium whitespace-nowrap transition-colors duration-100 disabled:opacity-50 disabled:pointer-events-none ${kinds[kind]} ${sizes[size]}`

export function Button({
  kind = 'plain',
  size = 'normal',
  children,
  ...rest
}: ButtonProps & Omit<JSX.IntrinsicElements['button'], 'size' | 'children' | 'class'>) {
  return (
    <button type="button" {...rest} class={looks(kind, size)}>
      {children}
    </button>
  )
}

interface IconButtonProps {
  readonly icon: IconName
  /** Its name, also for those who point at it. */
  readonly text: string
  readonly onClick: () => void
}

/** A button that is an icon alone. */
export function IconButton({ icon, text, onClick }: IconButtonProps) {
  return (
    <Button kind="quiet" size="icon" aria-label={text} title={text} onClick={onClick}>
      <Icon name={icon} />
    </Button>
  )
}

/** A link that looks like a button. */
export function ButtonLink({
  kind = 'plain',
  size = 'normal',
  children,
  ...rest
}: ButtonProps & Omit<JSX.IntrinsicElements['a'], 'size' | 'children'>) {
  return (
    <a {...rest} class={looks(kind, size)}>
      {children}
    </a>
  )
}
