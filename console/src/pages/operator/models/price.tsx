// What an order would cost a customer and the operator: asked of the function that charges.
import { useSignal } from '@preact/signals'
import type { Answer } from '../../../api/client.ts'
import { useAnswer } from '../../../api/queries.ts'
import { words as common } from '../../../language/language.ts'
import { Facts } from '../../../parts/facts.tsx'
import { Check, Select, TextField } from '../../../parts/field.tsx'
import { number } from '../../../parts/format.ts'
import { money } from '../../../parts/money.ts'
import { Panel } from '../../../parts/panel.tsx'
import { Problem } from '../../../parts/problem.tsx'
import { words } from '../words/words.ts'

type Model = Answer<'/admin/v1/models'>['models'][number]
const parameters = ['aspect_ratio', 'resolution', 'duration', 'generate_count', 'plan', 'account'] as const

export function PriceOf({ models }: { readonly models: readonly Model[] }) {
  const text = words.value.models
  const asked = useSignal<Readonly<Record<string, string>>>({})
  const on = (name: string) => ({
    value: asked.value[name] ?? '',
    onChange: ({ currentTarget: { value } }: { currentTarget: { value: string } }) => {
      asked.value = { ...asked.value, [name]: value.trim() }
    },
  })
  const query = { model_id: models[0]?.id ?? '', ...asked.value }
  const { data, error } = useAnswer('/admin/v1/price', { query })
  return (
    <Panel title={text.simulator}>
      <div class="grid gap-4 md:grid-cols-2">
        <div class="grid grid-cols-2 content-start gap-3">
          <Select
            label={common.value.tasks.model}
            {...on('model_id')}
            value={query.model_id}
            choices={models.map(({ id, name }) => ({ value: id, text: name }))}
          />
          {parameters.map((name) => (
            <TextField key={name} label={name} {...on(name)} />
          ))}
          <Check
            label={text.withPicture}
            onChange={({ currentTarget: { checked } }) => {
              asked.value = { ...asked.value, image: String(checked) }
            }}
          />
        </div>
        <div aria-live="polite">
          {error ? (
            <Problem error={error} />
          ) : (
            data && (
              <Facts
                facts={[
                  [text.each, `${number(data.credits_each)} × ${data.outputs}`],
                  ...(data.first_frame_credits === null
                    ? []
                    : [[text.frame, number(data.first_frame_credits)] as const]),
                  [
                    common.value.tasks.credits,
                    <strong key="credits" class="text-lg">
                      {number(data.credits)}
                    </strong>,
                  ],
                  ...(data.plan === null ? [] : [[text.usual, number(data.usual_credits)] as const]),
                  [words.value.report.valueShort, money(data.value, data.currency)],
                  [words.value.report.cost, money(data.cost, data.currency)],
                  [words.value.report.margin, money(data.margin, data.currency)],
                ]}
              />
            )
          )}
        </div>
      </div>
    </Panel>
  )
}
