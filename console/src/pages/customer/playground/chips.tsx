// One parameter of an order as chips; a value that does not go with the others is off, and says why.
import { useId } from 'preact/hooks'
import { words } from '../../../language/language.ts'
import { isPossible, obstacle } from './choice.ts'
import type { ChosenField, Model, Order } from './choice.ts'

type Value = string | number | boolean

interface ChipsProps {
  readonly model: Model
  readonly order: Order
  readonly field: ChosenField | 'generate_count'
  readonly values: readonly Value[]
  readonly onChange: (value: Value) => void
}

export function Chips({ model, order, field, values, onChange }: ChipsProps) {
  const id = useId()
  const text = words.value.playground
  const chosen = field === 'generate_count' ? order.count : order.chosen[field]
  const withValue = (value: Value): Order =>
    field === 'generate_count'
      ? { ...order, count: Number(value) }
      : { ...order, chosen: { ...order.chosen, [field]: value } }
  const whyNot = (value: Value): string | null => {
    const tried = withValue(value)
    if (isPossible(model, tried)) return null
    const blocking = obstacle(model, tried, field)
    return blocking === null ? text.notTogether : text.notWith(text.fields[blocking])
  }
  const reasons = values.map((value) => (value === chosen ? null : whyNot(value)))
  const off = [...new Set(reasons)].filter((reason) => reason !== null)
  return (
    <fieldset class="grid gap-1.5">
      <legend class="mb-1.5 text-xs font-medium text-ink-2">{text.fields[field]}</legend>
      <div class="flex flex-wrap gap-1.5">
        {values.map((value, at) => {
          const reason = reasons[at] ?? null
          return (
            <label
              key={String(value)}
              title={reason ?? undefined}
              class="grid min-h-8 min-w-11 cursor-pointer content-center justify-items-center gap-1 rounded-lg border border-line px-2.5 py-1 text-xs text-ink-2 has-checked:border-accent has-checked:bg-accent-soft has-checked:font-medium has-checked:text-accent-text has-disabled:cursor-not-allowed has-disabled:opacity-45 has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent"
            >
              <input
                type="radio"
                class="sr-only"
                name={id}
                checked={value === chosen}
                disabled={reason !== null}
                aria-description={reason ?? undefined}
                onChange={() => onChange(value)}
              />
              {field === 'aspect_ratio' && <Rectangle ratio={String(value)} />}
              {shown(field, value)}
            </label>
          )
        })}
      </div>
      {off.map((reason) => (
        <p key={reason} class="text-xs text-ink-3">
          {values
            .filter((_, at) => reasons[at] === reason)
            .map((value) => shown(field, value))
            .join(', ')}
          {' – '}
          {reason}
        </p>
      ))}
    </fieldset>
  )
}

function shown(field: ChipsProps['field'], value: Value): string {
  const text = words.value.playground
  if (field === 'duration') return text.seconds(Number(value))
  if (field === 'generate_audio') return value ? text.yes : text.no
  return String(value)
}

const longestPx = 18

/** The form of the picture, small. */
function Rectangle({ ratio }: { readonly ratio: string }) {
  const [width = 1, height = 1] = ratio.split(':').map(Number)
  const scale = longestPx / Math.max(width, height)
  return (
    <span aria-hidden="true" class="grid h-5 items-center">
      <i
        class="block rounded-[2px] border-[1.5px] border-current"
        style={{ width: width * scale, height: height * scale }}
      />
    </span>
  )
}
