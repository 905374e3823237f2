// The models on sale: prices, what was sold of each and what it cost; and the file read again.
import { useAnswer } from '../../../api/queries.ts'
import { language, words as common } from '../../../language/language.ts'
import { day, number, percent, span } from '../../../parts/format.ts'
import { Icon } from '../../../parts/icons.tsx'
import { List } from '../../../parts/list.tsx'
import { money } from '../../../parts/money.ts'
import { to } from '../../../place.ts'
import { Heading } from '../../../shell/shell.tsx'
import { isOwner } from '../rights.ts'
import { words } from '../words/words.ts'
import { PriceOf } from './price.tsx'
import { Reload } from './reload.tsx'

const soldDays = 7

export function Models() {
  const text = words.value.models
  const answer = useAnswer('/admin/v1/models')
  const range = { from: day(soldDays - 1), to: day() }
  const { data: report } = useAnswer('/admin/v1/report', { query: { ...range, group: 'model' } })
  const { data: health } = useAnswer('/admin/v1/upstreams/health')
  const soldOf = (id: string) => report?.rows.find((row) => row.group === id)
  const currency = report?.currency ?? null
  return (
    <>
      <Heading title={common.value.links.models}>{isOwner() && <Reload />}</Heading>
      <div class="grid gap-4">
        <List
          of={answer}
          rows={({ models }) => models}
          empty={common.value.playground.noModels}
          caption={common.value.links.models}
          keyOf={(model) => model.id}
          columns={[
            {
              title: common.value.tasks.model,
              cell: (model) => (
                <a
                  href={to('/tasks', { model_id: model.id })}
                  class="flex items-center gap-3 hover:underline"
                >
                  <span class="text-ink-3">
                    <Icon name={model.task_type} />
                  </span>
                  <span>
                    <span class="block font-medium whitespace-nowrap">{model.name}</span>
                    <span class="font-mono text-xs whitespace-nowrap text-ink-3">{model.id}</span>
                  </span>
                </a>
              ),
            },
            { title: text.price, cell: (model) => model.price.text[language.value] },
            {
              title: text.sold(soldDays),
              align: 'right',
              wide: true,
              cell: ({ id }) => number(soldOf(id)?.tasks ?? 0),
            },
            {
              title: common.value.overview.succeeded,
              align: 'right',
              wide: true,
              cell: ({ id }) => {
                const sold = soldOf(id)
                return percent(sold?.succeeded ?? 0, (sold?.succeeded ?? 0) + (sold?.failed ?? 0))
              },
            },
            {
              title: text.took,
              align: 'right',
              wide: true,
              cell: ({ id }) => {
                const works = health?.models.find((each) => each.model_id === id)
                const shown = (seconds: number | null = null) => (seconds === null ? '–' : span(seconds))
                return (
                  <span class="whitespace-nowrap">
                    {shown(works?.median_seconds)} / {shown(works?.p95_seconds)}
                  </span>
                )
              },
            },
            {
              title: words.value.report.net,
              align: 'right',
              wide: true,
              cell: ({ id }) => number(soldOf(id)?.net ?? 0),
            },
            {
              title: words.value.report.cost,
              align: 'right',
              wide: true,
              cell: ({ id }) => money(soldOf(id)?.cost ?? null, currency),
            },
            {
              title: words.value.report.margin,
              align: 'right',
              wide: true,
              cell: ({ id }) => money(soldOf(id)?.margin ?? null, currency),
            },
          ]}
        />
        {answer.data && <PriceOf models={answer.data.models} />}
      </div>
    </>
  )
}
