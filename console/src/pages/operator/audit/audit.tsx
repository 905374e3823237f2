// Who did what to what, from where, before and after.
import { useAnswer } from '../../../api/queries.ts'
import { words as common } from '../../../language/language.ts'
import { Csv } from '../../../parts/csv.tsx'
import { TextField } from '../../../parts/field.tsx'
import { List } from '../../../parts/list.tsx'
import { Time } from '../../../parts/time.tsx'
import { to, useFilters } from '../../../place.ts'
import { Heading } from '../../../shell/shell.tsx'
import { words } from '../words/words.ts'

export function Audit() {
  const text = words.value.audit
  const { filters, on } = useFilters('actor', 'target', 'cursor')
  const answer = useAnswer('/admin/v1/audit', { query: { ...filters, limit: 50 } })
  return (
    <>
      <Heading title={common.value.links.audit}>
        <Csv of={answer} name="audit.csv" />
      </Heading>
      <div class="grid gap-4">
        <div class="grid max-w-[520px] grid-cols-2 gap-3">
          <TextField label={text.actor} {...on('actor')} />
          <TextField label={text.target} {...on('target')} />
        </div>
        <List
          of={answer}
          rows={({ acts }) => acts}
          empty={text.none}
          caption={common.value.links.audit}
          keyOf={(act) => act.id}
          columns={[
            { title: common.value.tasks.created, cell: (act) => <Time at={act.created_at} /> },
            {
              title: text.actor,
              cell: (act) => (
                <span>
                  {act.actor}
                  <span class="block text-xs text-ink-3">{act.origin}</span>
                </span>
              ),
            },
            { title: text.action, cell: (act) => act.action },
            {
              title: text.target,
              cell: ({ target }) =>
                target?.startsWith('acc_') ? (
                  <a
                    href={to(`/accounts/${target}`)}
                    class="font-mono text-xs text-accent-text hover:underline"
                  >
                    {target}
                  </a>
                ) : (
                  <span class="font-mono text-xs">{target}</span>
                ),
            },
            {
              title: text.change,
              wide: true,
              cell: ({ before, after }) => (
                <span class="block max-w-[420px] font-mono wrap-anywhere text-xs text-ink-2">
                  {before && `${JSON.stringify(before)} → `}
                  {after && JSON.stringify(after)}
                </span>
              ),
            },
          ]}
        />
      </div>
    </>
  )
}
