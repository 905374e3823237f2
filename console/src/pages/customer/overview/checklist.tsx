// First steps, until all are done: a key, a task, a webhook.
import { useAnswer } from '../../../api/queries.ts'
import { words } from '../../../language/language.ts'
import { Icon } from '../../../parts/icons.tsx'
import { Panel } from '../../../parts/panel.tsx'
import { to } from '../../../place.ts'

export function Checklist() {
  const text = words.value.checklist
  const keys = useAnswer('/api/v1/keys' as never)
  const tasks = useAnswer('/api/v1/tasks', { query: { limit: 1 } })
  const webhook = useAnswer('/api/v1/webhooks')
  if (!keys.data || !tasks.data || !webhook.data) return null
  const { keys: made } = keys.data as { readonly keys: readonly { readonly last_used_at: number | null }[] }
  const steps = [
    { text: text.key, done: made.length > 0, href: to('/keys') },
    { text: text.task, done: tasks.data.tasks.length > 0, href: to('/playground') },
    { text: text.webhook, done: webhook.data.url !== null, href: to('/webhooks') },
  ]
  if (steps.every(({ done }) => done)) return null
  return (
    <Panel title={text.title} flush>
      <ol>
        {steps.map(({ text: step, done, href }) => (
          <li key={step} class="border-b border-line last:border-0">
            <a href={href} class="flex items-center gap-3 px-4 py-2.5 hover:bg-hover">
              <span
                class={`grid size-[18px] shrink-0 place-items-center rounded-full border-[1.5px] ${done ? 'border-ok bg-ok text-panel' : 'border-line-strong'}`}
              >
                {done && <Icon name="check" size={12} />}
              </span>
              <span class={done ? 'text-ink-3 line-through' : ''}>{step}</span>
              {done && <span class="sr-only">{text.done}</span>}
            </a>
          </li>
        ))}
      </ol>
    </Panel>
  )
}
