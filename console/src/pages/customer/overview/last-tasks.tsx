// The last tasks with their pictures, live.
import { useAnswer } from '../../../api/queries.ts'
import { root } from '../../../api/client.ts'
import { words } from '../../../language/language.ts'
import { ButtonLink } from '../../../parts/button.tsx'
import { Code } from '../../../parts/copy.tsx'
import { Empty, Panel, Skeleton } from '../../../parts/panel.tsx'
import { to } from '../../../place.ts'
import { codeIn } from '../playground/examples.ts'
import { Gallery } from '../tasks/gallery.tsx'

const shown = 8

export function LastTasks() {
  const text = words.value.overview
  const { data } = useAnswer('/api/v1/tasks', { query: { limit: shown, include: 'input' } })
  return (
    <Panel
      title={text.lastTasks}
      actions={
        <ButtonLink kind="quiet" href={to('/tasks')}>
          {text.allTasks}
        </ButtonLink>
      }
    >
      {!data ? (
        <Skeleton lines={2} height={96} />
      ) : data.tasks.length === 0 ? (
        <Empty title={text.noTasks}>
          <Code text={firstOrder()} />
        </Empty>
      ) : (
        <Gallery tasks={data.tasks} />
      )}
    </Panel>
  )
}

/** An order to begin with, ready to be pasted. */
export const firstOrderWith = (key: string): string =>
  codeIn('cURL', {
    origin: location.origin + root,
    key,
    body: { model_id: 'gpt-image-2', prompt: 'a serene zen garden at sunrise' },
  })

export const firstOrder = (): string => firstOrderWith('sk-…')
