// The last tasks with their pictures, live.
import { useAnswer } from '../../../api/queries.ts'
import { words } from '../../../language/language.ts'
import { ButtonLink } from '../../../parts/button.tsx'
import { Panel, Skeleton } from '../../../parts/panel.tsx'
import { to } from '../../../place.ts'
import { FirstOrder } from './teach.tsx'
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
        <FirstOrder />
      ) : (
        <Gallery tasks={data.tasks} />
      )}
    </Panel>
  )
}
