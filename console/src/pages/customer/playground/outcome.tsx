// What becomes of an order: its steps while it is made, then the picture, the film or the reason.
import { useSignal } from '@preact/signals'
import { useAnswer } from '../../../api/queries.ts'
import { root } from '../../../api/client.ts'
import { words } from '../../../language/language.ts'
import { Button } from '../../../parts/button.tsx'
import { Code } from '../../../parts/copy.tsx'
import { Empty, Panel } from '../../../parts/panel.tsx'
import { keyPlace } from '../../../session.ts'
import { TaskProgress } from '../tasks/progress.tsx'
import type { Model } from './choice.ts'
import { codeIn, languages } from './examples.ts'
import type { CodeLanguage } from './examples.ts'

interface OutcomeProps {
  readonly taskIds: readonly string[]
  readonly model: Model
  readonly body: Readonly<Record<string, unknown>>
  readonly onUse: (url: string) => void
}

export function Outcome({ taskIds, model, body, onUse }: OutcomeProps) {
  const text = words.value.playground
  const usual = useUsualWait(model.id)
  return (
    <div class="grid min-w-0 gap-4 lg:sticky lg:top-5">
      <Panel title={text.result}>
        {taskIds.length === 0 ? (
          <Empty title={text.nothingYet}>
            <p>{usual === null ? text.teach : text.usually(usual)}</p>
          </Empty>
        ) : (
          <div class={`grid gap-6 ${taskIds.length > 1 ? 'sm:grid-cols-2' : ''}`}>
            {taskIds.map((id) => (
              <TaskProgress key={id} taskId={id} usualSeconds={usual} onUse={onUse} />
            ))}
          </div>
        )}
      </Panel>
      <AsCode body={body} />
    </div>
  )
}

/** The median of the caller's own last tasks of the model. */
function useUsualWait(modelId: string): number | null {
  const { data } = useAnswer('/api/v1/tasks', { query: { model_id: modelId, status: 3, limit: 20 } })
  const waits = (data?.tasks ?? [])
    .flatMap(({ created_at: from, finished_at: until }) => (until === null ? [] : [until - from]))
    .toSorted((one, other) => one - other)
  return waits[Math.floor(waits.length / 2)] ?? null
}

function AsCode({ body }: Pick<OutcomeProps, 'body'>) {
  const chosen = useSignal<CodeLanguage>('cURL')
  const example = { origin: location.origin + root, key: keyPlace, body }
  return (
    <Panel
      title={words.value.playground.asCode}
      actions={languages.map((language) => (
        <Button
          key={language}
          kind="quiet"
          aria-pressed={language === chosen.value}
          onClick={() => {
            chosen.value = language
          }}
        >
          {language}
        </Button>
      ))}
    >
      <Code text={codeIn(chosen.value, example)} />
    </Panel>
  )
}
