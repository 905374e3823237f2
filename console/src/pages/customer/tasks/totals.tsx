// What the tasks of a filter come to, where the filter is by days, model or key.
import { useAnswer } from '../../../api/queries.ts'
import { words } from '../../../language/language.ts'
import { day, number } from '../../../parts/format.ts'
import { Tile, Tiles } from '../../../parts/panel.tsx'

interface TotalsProps {
  readonly filters: Readonly<Record<'status' | 'model_id' | 'key' | 'from' | 'to' | 'text', string>>
}

const usualDays = 30

export function Totals({ filters: { status, model_id, key, from, to, text: words_ } }: TotalsProps) {
  const text = words.value.usage
  const range = { from: from || day(usualDays - 1), to: to || day() }
  const isCounted = status === '' && words_ === ''
  const { data } = useAnswer('/api/v1/usage', { query: { ...range, model_id, key } }, { enabled: isCounted })
  if (!isCounted) return null
  const total = data?.total
  const shown = (value: number | undefined) => (value === undefined ? '…' : number(value))
  return (
    <Tiles>
      <Tile
        label={text.tasks}
        value={shown(total?.tasks)}
        note={from ? undefined : text.lastDays(usualDays)}
      />
      <Tile label={words.value.overview.succeeded} value={shown(total?.succeeded)} />
      <Tile label={text.charged} value={shown(total?.charged)} />
      <Tile label={text.refunded} value={shown(total?.refunded)} />
      <Tile label={text.net} value={shown(total?.net)} />
    </Tiles>
  )
}
