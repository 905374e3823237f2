// What is watched, with which settings, and who is told: as tollgate.yaml has them, or by default.
import { useAnswer } from '../../../api/queries.ts'
import { Panel, Skeleton } from '../../../parts/panel.tsx'
import { Problem } from '../../../parts/problem.tsx'
import { Tag } from '../../../parts/status.tsx'
import { words } from '../words/words.ts'

const settingsOf = (settings: Readonly<Record<string, unknown>>): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name}: ${Array.isArray(value) ? value.join(', ') : String(value)}`)
    .join(' · ')

export function Rules() {
  const text = words.value.alerts
  const { data, error } = useAnswer('/admin/v1/config')
  if (error) return <Problem error={error} />
  if (!data) return <Skeleton lines={8} />
  const { rules, receivers, per_hour: perHour } = data.alerts
  const named = Object.entries(receivers)
  return (
    <>
      <Panel title={text.receivers} flush>
        {named.length === 0 && <p class="px-4 py-3 text-ink-2">{text.noReceivers}</p>}
        <ul>
          {named.map(([name, { type, missing }]) => (
            <li
              key={name}
              class="flex flex-wrap items-center gap-3 border-b border-line px-4 py-2 last:border-0"
            >
              <span class="grow font-medium">{name}</span>
              <span class="text-ink-2">{String(type)}</span>
              {typeof missing === 'string' && <Tag tone="bad">{missing}</Tag>}
            </li>
          ))}
        </ul>
      </Panel>
      <Panel title={text.rules} flush>
        <ul>
          {Object.entries(rules).map(([name, settings]) => (
            <li key={name} class="grid gap-0.5 border-b border-line px-4 py-2 last:border-0">
              <span class="flex items-center gap-3">
                <span class="grow">{name}</span>
                {settings === false && <Tag tone="none">{text.off}</Tag>}
              </span>
              <span class="font-mono text-xs text-ink-3">{settings !== false && settingsOf(settings)}</span>
            </li>
          ))}
        </ul>
        <p class="border-t border-line px-4 py-2 text-xs text-ink-3">{text.perHour(String(perHour))}</p>
      </Panel>
    </>
  )
}
