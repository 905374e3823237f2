// What needs a person: a list that can be emptied.
import { useAnswer } from '../../../api/queries.ts'
import { number } from '../../../parts/format.ts'
import { Panel, Skeleton } from '../../../parts/panel.tsx'
import { Tag } from '../../../parts/status.tsx'
import { Time } from '../../../parts/time.tsx'
import { to } from '../../../place.ts'
import { placeOf } from '../alerts/where.ts'
import { words } from '../words/words.ts'

const everyMs = 15_000

export function Needed() {
  const text = words.value.today
  const reconcile = useAnswer('/admin/v1/reconcile', { query: { limit: 100 } }, { everyMs })
  const alerts = useAnswer('/admin/v1/alerts', { query: { state: 'firing' } }, { everyMs })
  if (!reconcile.data || !alerts.data) return <Skeleton lines={4} />
  const { items } = reconcile.data
  const firing = alerts.data.alerts
  return (
    <Panel title={text.needed} flush>
      {items.length + firing.length === 0 ? (
        <p class="px-4 py-8 text-center text-ink-2">{text.nothingNeeded}</p>
      ) : (
        <ul>
          {items.length > 0 && (
            <li class="border-b border-line last:border-0">
              <a href={to('/reconcile')} class="flex items-center gap-3 px-4 py-2.5 hover:bg-hover">
                <Tag tone="wait">{text.toDecide}</Tag>
                <span class="num grow">
                  {text.works(number(items.length) + (reconcile.data.next_cursor === null ? '' : '+'))}
                </span>
              </a>
            </li>
          )}
          {firing.map((alert) => (
            <li key={alert.id} class="border-b border-line last:border-0">
              <a href={placeOf(alert)} class="grid gap-1 px-4 py-2.5 hover:bg-hover">
                <span class="flex items-center gap-3">
                  <Tag tone="bad">{text.alert}</Tag>
                  <span class="min-w-0 grow truncate font-medium">{alert.title}</span>
                </span>
                <span class="text-xs text-ink-3">
                  <Time at={alert.fired_at} />
                </span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
