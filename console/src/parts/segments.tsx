// A choice of a few, side by side.

interface SegmentsProps<Value extends string> {
  readonly label: string
  readonly chosen: Value
  readonly choices: readonly { readonly value: Value; readonly text: string }[]
  readonly onChoose: (value: Value) => void
}

export function Segments<Value extends string>({ label, chosen, choices, onChoose }: SegmentsProps<Value>) {
  return (
    <div role="group" aria-label={label} class="flex rounded-lg border border-line p-0.5">
      {choices.map(({ value, text }) => (
        <button
          key={value}
          type="button"
          aria-pressed={value === chosen}
          class="h-7 rounded-md px-2.5 text-sm text-ink-2 hover:text-ink aria-pressed:bg-hover aria-pressed:font-medium aria-pressed:text-ink"
          onClick={() => onChoose(value)}
        >
          {text}
        </button>
      ))}
    </div>
  )
}
