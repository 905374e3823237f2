// Fields of forms: a label that names them, a hint, and what is wrong.
import type { ComponentChildren, JSX, TargetedEvent, TargetedInputEvent } from 'preact'
import { useSignal } from '@preact/signals'
import { useId } from 'preact/hooks'

const box =
  'w-full rounded-lg border border-line-strong bg-panel px-3 text-ink placeholder:text-ink-3 disabled:opacity-60 aria-invalid:border-bad'

interface Labelled {
  readonly label: string
  readonly hint?: ComponentChildren
  readonly wrong?: string | null | undefined
}

function Frame({
  id,
  label,
  hint,
  wrong,
  children,
}: Labelled & { readonly id: string; readonly children: ComponentChildren }) {
  return (
    <div class="grid content-start gap-1.5">
      <label for={id} class="text-xs font-medium text-ink-2">
        {label}
      </label>
      {children}
      {hint && (
        <p id={`${id}-hint`} class="text-xs text-ink-3">
          {hint}
        </p>
      )}
      {wrong && (
        <p id={`${id}-wrong`} role="alert" class="text-xs text-bad">
          {wrong}
        </p>
      )}
    </div>
  )
}

function described(id: string, { hint, wrong }: Labelled) {
  const names = [hint ? `${id}-hint` : '', wrong ? `${id}-wrong` : ''].filter(Boolean).join(' ')
  return { id, 'aria-describedby': names || undefined, 'aria-invalid': wrong ? (true as const) : undefined }
}

export function TextField({
  label,
  hint,
  wrong,
  ...rest
}: Labelled & Omit<JSX.IntrinsicElements['input'], 'label'>) {
  const id = useId()
  const draft = useSignal<string | null>(null)
  const { value, onInput, onChange } = rest
  // A field that takes its text when it is left keeps what is typed, though the page is drawn anew meanwhile.
  const typed =
    onChange && !onInput
      ? ({
          value: draft.value ?? value,
          onInput: (event: TargetedInputEvent<HTMLInputElement>) => {
            draft.value = event.currentTarget.value
          },
          onChange: (event: TargetedEvent<HTMLInputElement>) => {
            draft.value = null
            onChange(event)
          },
        } as const)
      : {}
  return (
    <Frame id={id} label={label} hint={hint} wrong={wrong}>
      <input
        autocomplete="off"
        spellcheck={false}
        {...rest}
        {...typed}
        {...described(id, { label, hint, wrong })}
        class={`h-8 ${box}`}
      />
    </Frame>
  )
}

export function TextArea({
  label,
  hint,
  wrong,
  ...rest
}: Labelled & Omit<JSX.IntrinsicElements['textarea'], 'label'>) {
  const id = useId()
  return (
    <Frame id={id} label={label} hint={hint} wrong={wrong}>
      <textarea {...rest} {...described(id, { label, hint, wrong })} class={`min-h-26 py-2 ${box}`} />
    </Frame>
  )
}

export interface Choice {
  readonly value: string
  readonly text: string
}

export function Select({
  label,
  hint,
  wrong,
  choices,
  ...rest
}: Labelled & { readonly choices: readonly Choice[] } & Omit<JSX.IntrinsicElements['select'], 'label'>) {
  const id = useId()
  return (
    <Frame id={id} label={label} hint={hint} wrong={wrong}>
      <select {...rest} {...described(id, { label, hint, wrong })} class={`h-8 ${box} pr-8`}>
        {choices.map(({ value, text }) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </Frame>
  )
}

export function Check({
  label,
  ...rest
}: { readonly label: string } & Omit<JSX.IntrinsicElements['input'], 'label'>) {
  return (
    <label class="flex items-center gap-2">
      <input {...rest} type="checkbox" class="size-4 accent-accent" />
      {label}
    </label>
  )
}
