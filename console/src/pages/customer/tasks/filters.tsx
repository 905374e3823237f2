// Filters of tasks: status, model, key, days and a text of the prompt.
import { useAnswer } from '../../../api/queries.ts'
import { words } from '../../../language/language.ts'
import { Select, TextField } from '../../../parts/field.tsx'
import type { Filters } from '../../../place.ts'

export const taskFilters = ['status', 'model_id', 'key', 'from', 'to', 'text'] as const
type Name = (typeof taskFilters)[number]

interface FiltersProps {
  readonly filters: Readonly<Record<Name, string>>
  readonly on: Filters<Name>['on']
}

export function TaskFilters({ filters, on }: FiltersProps) {
  const text = words.value.tasks
  const { data: models } = useAnswer('/api/v1/models')
  const { data: keys } = useAnswer('/api/v1/keys' as never)
  const all = { value: '', text: text.all }
  const named =
    (keys as { readonly keys: readonly { readonly id: string; readonly name: string }[] } | undefined)
      ?.keys ?? []
  return (
    <div class="grid grid-cols-2 gap-3 md:grid-cols-3 lg:grid-cols-6">
      <Select
        label={text.status}
        {...on('status')}
        choices={[
          all,
          ...([1, 2, 3, 4] as const).map((status) => ({
            value: String(status),
            text: words.value.status[status],
          })),
        ]}
      />
      <Select
        label={text.model}
        {...on('model_id')}
        choices={[all, ...(models?.models ?? []).map(({ id, name }) => ({ value: id, text: name }))]}
      />
      <Select
        label={text.key}
        {...on('key')}
        choices={[all, ...named.map(({ id, name }) => ({ value: id, text: name }))]}
      />
      <TextField label={words.value.range.from} type="date" max={filters.to || undefined} {...on('from')} />
      <TextField label={words.value.range.to} type="date" min={filters.from || undefined} {...on('to')} />
      <TextField label={text.text} type="search" placeholder={text.textExample} {...on('text')} />
    </div>
  )
}
