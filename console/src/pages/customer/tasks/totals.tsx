// What the tasks of a filter come to, by days, model and key: the sums do not tell statuses and prompts apart.
import { useAnswer } from '../../../api/queries.ts'
import { words } from '../../../language/language.ts'
import { day, shown } from '../../../parts/format.ts'
import { Tile, Tiles } from '../../../parts/panel.tsx'
import { to } from '../../../place.ts'

interface TotalsProps {
  readonly filters: Readonly<Record<'status' | 'model_id' | 'key' | 'from' | 'to' | 'text', string>>
}

const usualDays = 30

export function Totals({ filters: { status, model_id, key, from, to: until, text: words_ } }: TotalsProps) {
  const text = words.value.usage
  const range = { from: from || day(usualDays - 1), to: until || day() }
  const { data } = useAnswer('/api/v1/usage', { query: { ...range, model_id, key } })
  const mine = { ...range, model_id, key }
  const total = data?.total
  return (
    <Tiles>
      <Tile
        label={text.tasks}
        value={shown(total?.tasks)}
        note={[from ? '' : text.lastDays(usualDays), status || words_ ? text.whole : '']
          .filter(Boolean)
          .join(', ')}
        href={to('/tasks', mine)}
      />
      <Tile
        label={words.value.overview.succeeded}
        value={shown(total?.succeeded)}
        href={to('/tasks', { ...mine, status: 3 })}
      />
      <Tile label={text.charged} value={shown(total?.charged)} href={to('/usage', range)} />
      <Tile
        label={text.refunded}
        value={shown(total?.refunded)}
        href={to('/tasks', { ...mine, status: 4 })}
      />
      <Tile label={text.net} value={shown(total?.net)} href={to('/usage', range)} />
    </Tiles>
  )
}
