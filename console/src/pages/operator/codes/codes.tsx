// Redemption codes: made in batches and shown once, listed with who redeemed them, and voided.
import { useSignal } from '@preact/signals'
import { call } from '../../../api/client.ts'
import { useAnswer, useStep } from '../../../api/queries.ts'
import { words as common } from '../../../language/language.ts'
import { Button } from '../../../parts/button.tsx'
import { Code, Id } from '../../../parts/copy.tsx'
import { Csv } from '../../../parts/csv.tsx'
import { TextField } from '../../../parts/field.tsx'
import { textIn } from '../../../parts/forms.ts'
import { number } from '../../../parts/format.ts'
import { List } from '../../../parts/list.tsx'
import { Panel } from '../../../parts/panel.tsx'
import { Problem } from '../../../parts/problem.tsx'
import { Segments } from '../../../parts/segments.tsx'
import { Tag } from '../../../parts/status.tsx'
import { Time } from '../../../parts/time.tsx'
import { to, useFilters } from '../../../place.ts'
import { Heading } from '../../../shell/shell.tsx'
import { isOwner } from '../rights.ts'
import { words } from '../words/words.ts'

const states = ['', 'unused', 'redeemed', 'void', 'expired'] as const
const tones = { unused: 'ok', redeemed: 'run', void: 'none', expired: 'wait' } as const

export function Codes() {
  const text = words.value.codes
  const { filters, narrow } = useFilters('batch', 'status', 'cursor')
  const answer = useAnswer('/admin/v1/codes', { query: { ...filters, limit: 50 } })
  const end = useStep(
    async (id: string) => await call('delete', '/admin/v1/codes/{id}', { path: { id } }),
    ['/admin/v1/codes'],
  )
  return (
    <>
      <Heading title={common.value.links.codes}>
        <Csv of={answer} name="codes.csv" />
      </Heading>
      <div class="grid gap-4">
        {isOwner() && <Make />}
        <Problem error={end.error} />
        <List
          of={answer}
          rows={({ codes }) => codes}
          empty={text.none}
          title={filters.batch === '' ? text.all : <Id id={filters.batch} />}
          actions={
            <>
              {filters.batch !== '' && isOwner() && (
                <Button kind="danger" disabled={end.isPending} onClick={() => end.mutate(filters.batch)}>
                  {text.voidBatch}
                </Button>
              )}
              <Segments
                label={common.value.tasks.status}
                chosen={states.find((state) => state === filters.status) ?? ''}
                choices={states.map((value) => ({
                  value,
                  text: value === '' ? common.value.tasks.all : text.states[value],
                }))}
                onChoose={(status) => narrow({ status })}
              />
            </>
          }
          caption={common.value.links.codes}
          keyOf={(code) => code.id}
          columns={[
            {
              title: text.code,
              cell: ({ prefix }) => <span class="font-mono text-xs whitespace-nowrap">{prefix}</span>,
            },
            {
              title: common.value.tasks.status,
              cell: ({ status }) => <Tag tone={tones[status]}>{text.states[status]}</Tag>,
            },
            { title: common.value.tasks.credits, align: 'right', cell: ({ credits }) => number(credits) },
            {
              title: text.batch,
              wide: true,
              cell: ({ batch_id: batch }) => (
                <a href={to('/codes', { batch })} class="text-accent-text hover:underline">
                  <Id id={batch} short />
                </a>
              ),
            },
            {
              title: text.note,
              wide: true,
              cell: ({ note }) => <span class="block max-w-[200px] truncate">{note}</span>,
            },
            {
              title: text.redeemedBy,
              wide: true,
              cell: ({ redeemed_by: by, redeemed_at: at }) =>
                by !== null && (
                  <span>
                    <a href={to(`/accounts/${by}`)} class="text-accent-text hover:underline">
                      <Id id={by} short />
                    </a>{' '}
                    {at !== null && <Time at={at} />}
                  </span>
                ),
            },
            {
              title: text.expires,
              align: 'right',
              wide: true,
              cell: ({ expires_at: at }) => (at === null ? common.value.keys.never : <Time at={at} />),
            },
            {
              title: '',
              align: 'right',
              cell: ({ id, status }) =>
                status === 'unused' &&
                isOwner() && (
                  <Button kind="danger" disabled={end.isPending} onClick={() => end.mutate(id)}>
                    {text.void}
                  </Button>
                ),
            },
          ]}
        />
      </div>
    </>
  )
}

function Make() {
  const text = words.value.codes
  const made = useSignal<readonly string[] | null>(null)
  const make = useStep(
    async (form: FormData) => {
      const until = textIn(form, 'expires')
      const answer = await call('post', '/admin/v1/codes', {
        body: {
          credits: Number(textIn(form, 'credits')),
          count: Number(textIn(form, 'count')),
          ...(textIn(form, 'note') === '' ? {} : { note: textIn(form, 'note') }),
          ...(until === '' ? {} : { expires_at: Math.floor(Date.parse(`${until}T23:59:59`) / 1000) }),
        },
      })
      made.value = answer.codes
    },
    ['/admin/v1/codes'],
  )
  return (
    <Panel title={text.make}>
      <form
        class="grid gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          make.mutate(new FormData(event.currentTarget))
        }}
      >
        <div class="grid grid-cols-2 gap-3 md:grid-cols-4">
          <TextField label={text.credits} name="credits" type="number" min={1} step={1} required />
          <TextField
            label={text.count}
            name="count"
            type="number"
            min={1}
            max={1000}
            step={1}
            required
            defaultValue={1}
          />
          <TextField label={text.expires} name="expires" type="date" />
          <TextField label={text.note} name="note" />
        </div>
        <Problem error={make.error} />
        <div>
          <Button kind="primary" type="submit" disabled={make.isPending}>
            {text.makeButton}
          </Button>
        </div>
        {made.value && (
          <>
            <p role="status">{text.shownOnce}</p>
            <Code text={made.value.join('\n')} />
          </>
        )}
      </form>
    </Panel>
  )
}
