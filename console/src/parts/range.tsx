// A range of days, and shortcuts to the usual ones.
import { words } from '../language/language.ts'
import { Button } from './button.tsx'
import { zoneName } from '../zone.ts'
import { day } from './format.ts'

interface RangeProps {
  readonly from: string
  readonly to: string
  readonly onChange: (range: { readonly from: string; readonly to: string }) => void
}

const field = 'h-8 rounded-lg border border-line-strong bg-panel px-2 num'

export function DayRange({ from, to, onChange }: RangeProps) {
  const text = words.value.range
  const shortcuts = [
    { name: text.today, days: 1 },
    { name: text.week, days: 7 },
    { name: text.month, days: 30 },
    { name: text.quarter, days: 90 },
  ]
  return (
    <div class="flex flex-wrap items-center gap-2">
      {shortcuts.map(({ name, days }) => {
        const begins = day(days - 1)
        return (
          <Button
            key={name}
            kind="quiet"
            aria-pressed={from === begins && to === day()}
            onClick={() => onChange({ from: begins, to: day() })}
          >
            {name}
          </Button>
        )
      })}
      <input
        type="date"
        aria-label={text.from}
        value={from}
        max={to}
        class={field}
        onChange={({ currentTarget: { value } }) => onChange({ from: value, to })}
      />
      <span aria-hidden="true" class="text-ink-3">
        –
      </span>
      <input
        type="date"
        aria-label={text.to}
        value={to}
        min={from}
        class={field}
        onChange={({ currentTarget: { value } }) => onChange({ from, to: value })}
      />
      <span class="text-xs text-ink-3">{zoneName}</span>
    </div>
  )
}
