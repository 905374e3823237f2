// The file read again: what it would change is shown first, and is put into force once that was confirmed.
import { useSignal } from '@preact/signals'
import { call } from '../../../api/client.ts'
import { useAnswer, useStep } from '../../../api/queries.ts'
import { language } from '../../../language/language.ts'
import { Button } from '../../../parts/button.tsx'
import { Dialog } from '../../../parts/dialog.tsx'
import { Skeleton } from '../../../parts/panel.tsx'
import { Problem } from '../../../parts/problem.tsx'
import { Tag } from '../../../parts/status.tsx'
import { words } from '../words/words.ts'

const tones = { added: 'ok', removed: 'bad', changed: 'wait' } as const

export function Reload() {
  const text = words.value.models
  const isOpen = useSignal(false)
  return (
    <>
      <Button onClick={() => (isOpen.value = true)}>{text.reload}</Button>
      {isOpen.value && (
        <Dialog title={text.reload} onClose={() => (isOpen.value = false)}>
          <Changes />
        </Dialog>
      )}
    </>
  )
}

function Changes() {
  const text = words.value.models
  const { data, error, refetch } = useAnswer('/admin/v1/models/reload')
  const reload = useStep(
    async () => await call('post', '/admin/v1/models/reload'),
    ['/admin/v1/models', '/admin/v1/config'],
  )
  if (reload.data) {
    return <p role="status">{text.reloaded(reload.data.file ?? text.builtIn, reload.data.models.length)}</p>
  }
  if (error) return <Problem error={error} again={refetch} />
  if (!data) return <Skeleton lines={3} />
  const sections = data.sections.map((name) => ({
    model_id: name,
    change: 'changed' as const,
    before: null,
    after: null,
  }))
  const changes = [...data.models, ...sections]
  return (
    <>
      <p class="text-ink-2">
        {changes.length === 0 ? text.noChanges : text.wouldChange(data.file ?? text.builtIn)}
      </p>
      <ul class="grid gap-3">
        {changes.map(({ model_id: id, change, before, after }) => (
          <li key={id} class="grid gap-1">
            <span class="flex items-center gap-2">
              <Tag tone={tones[change]}>{text.changes[change]}</Tag>
              <span class="font-mono text-xs">{id}</span>
            </span>
            {before && <del class="text-ink-3">{before[language.value]}</del>}
            {after && <ins class="no-underline">{after[language.value]}</ins>}
          </li>
        ))}
      </ul>
      {data.ignored.length > 0 && <p class="text-wait">{text.nextStart(data.ignored.join(', '))}</p>}
      {data.problems.map((line) => (
        <p key={line} class="text-bad">
          {line}
        </p>
      ))}
      <Problem error={reload.error} />
      <Button kind="primary" disabled={reload.isPending} onClick={() => reload.mutate(undefined)}>
        {text.confirm}
      </Button>
    </>
  )
}
