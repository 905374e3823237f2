// Alerts: what is wrong now, what was, who was told, and a test of the receivers.
import { call } from '../../../api/client.ts'
import { useAnswer, useStep } from '../../../api/queries.ts'
import { words as common } from '../../../language/language.ts'
import { Button } from '../../../parts/button.tsx'
import { List } from '../../../parts/list.tsx'
import { Empty, Panel } from '../../../parts/panel.tsx'
import { Problem } from '../../../parts/problem.tsx'
import { Tag } from '../../../parts/status.tsx'
import { Time } from '../../../parts/time.tsx'
import { useFilters } from '../../../place.ts'
import { Heading } from '../../../shell/shell.tsx'
import { isOwner } from '../rights.ts'
import { words } from '../words/words.ts'
import { Rules } from './rules.tsx'
import { placeOf } from './where.ts'

const tones = { sent: 'ok', pending: 'wait', failed: 'bad', held_back: 'none' } as const

export function Alerts() {
  const text = words.value.alerts
  const { filters } = useFilters('state', 'cursor')
  const answer = useAnswer('/admin/v1/alerts', { query: filters }, { everyMs: 15_000 })
  const trial = useStep(async () => await call('post', '/admin/v1/alerts/test', { body: {} }))
  return (
    <>
      <Heading title={common.value.links.alerts}>
        {isOwner() && (
          <Button disabled={trial.isPending} onClick={() => trial.mutate(undefined)}>
            {text.test}
          </Button>
        )}
      </Heading>
      <div class="grid gap-4 lg:grid-cols-[1fr_360px] lg:items-start">
        <div class="grid min-w-0 gap-4">
          <Problem error={trial.error} />
          {trial.data && (
            <Panel title={text.tested}>
              {trial.data.results.length === 0 && <p>{text.noReceivers}</p>}
              <ul class="grid gap-2">
                {trial.data.results.map((result) => (
                  <li key={result.receiver} class="flex flex-wrap items-center gap-3">
                    <Tag tone={result.ok ? 'ok' : 'bad'}>{result.ok ? text.took : text.refused}</Tag>
                    <span>{result.receiver}</span>
                    <span class="text-ink-2">{result.error}</span>
                  </li>
                ))}
              </ul>
            </Panel>
          )}
          <List
            title={text.history}
            caption={text.history}
            of={answer}
            rows={({ alerts }) => alerts}
            keyOf={({ id }) => id}
            empty={
              <Empty title={text.none}>
                <p class="max-w-[440px]">{text.explained}</p>
              </Empty>
            }
          >
            {(rows) => (
              <ul>
                {rows.map((alert) => (
                  <li key={alert.id} class="grid gap-1.5 border-b border-line px-4 py-3 last:border-0">
                    <div class="flex flex-wrap items-center gap-3">
                      <Tag tone={alert.recovered_at === null ? 'bad' : 'ok'}>
                        {alert.recovered_at === null ? text.firing : text.recovered}
                      </Tag>
                      <a href={placeOf(alert)} class="min-w-0 grow font-medium hover:underline">
                        {alert.title}
                      </a>
                      <span class="text-ink-3">
                        <Time at={alert.fired_at} />
                        {alert.recovered_at !== null && (
                          <>
                            {' – '}
                            <Time at={alert.recovered_at} />
                          </>
                        )}
                      </span>
                    </div>
                    <p class="text-ink-2">{alert.text}</p>
                    <div class="flex flex-wrap gap-2">
                      {alert.messages.map((message) => (
                        <Tag key={`${message.receiver}${message.kind}`} tone={tones[message.state]}>
                          {message.receiver}: {text.messages[message.state]}
                        </Tag>
                      ))}
                    </div>
                  </li>
                ))}
              </ul>
            )}
          </List>
        </div>
        <div class="grid min-w-0 gap-4">
          <Rules />
        </div>
      </div>
    </>
  )
}
