// Dialogs in the middle, and sheets at the side: both by the browser's own dialog, so that focus stays in them.
import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'
import { words } from '../language/language.ts'
import { IconButton } from './button.tsx'

interface DialogProps {
  readonly title: ComponentChildren
  readonly onClose: () => void
  /** What is shown once is not lost by a click beside it, or by Escape. */
  readonly closes?: 'by its buttons'
  readonly children: ComponentChildren
}

const places = {
  dialog: 'm-auto w-[min(560px,calc(100vw-32px))] max-h-[calc(100dvh-48px)] rounded-xl',
  sheet: 'mr-0 ml-auto my-0 h-dvh max-h-dvh w-[min(640px,100vw)] max-w-none border-y-0 border-r-0',
} as const

function Opened({
  title,
  onClose,
  closes,
  children,
  at,
}: DialogProps & { readonly at: keyof typeof places }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  // At once: what is typed next belongs to it.
  useLayoutEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onClose={onClose}
      // A click on what lies behind closes it.
      onClick={(event) => !closes && event.target === dialog.current && dialog.current?.close()}
      onKeyDown={(event) => closes && event.key === 'Escape' && event.preventDefault()}
      class={`overflow-y-auto border border-line bg-panel p-0 text-ink ${places[at]}`}
    >
      <div class="sticky top-0 z-10 flex min-h-12 items-center gap-2 border-b border-line bg-panel py-2 pr-2 pl-4">
        <h2 id={id} class="min-w-0 grow truncate font-semibold">
          {title}
        </h2>
        <IconButton icon="close" text={words.value.close} onClick={() => dialog.current?.close()} />
      </div>
      <div class="grid gap-4 p-4">{children}</div>
    </dialog>
  )
}

export const Dialog = (props: DialogProps) => <Opened {...props} at="dialog" />
export const Sheet = (props: DialogProps) => <Opened {...props} at="sheet" />
