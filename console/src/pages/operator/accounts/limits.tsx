// Limits and plan of an account.
import { call } from '../../../api/client.ts'
import type { Answer } from '../../../api/client.ts'
import { useStep } from '../../../api/queries.ts'
import { words as common } from '../../../language/language.ts'
import { Button } from '../../../parts/button.tsx'
import { TextArea, TextField } from '../../../parts/field.tsx'
import { listOrNull, textIn, wholeOrNull } from '../../../parts/forms.ts'
import { Panel } from '../../../parts/panel.tsx'
import { Problem } from '../../../parts/problem.tsx'
import { words } from '../words/words.ts'

type Account = Answer<'/admin/v1/accounts/{id}'>
const amounts = ['credits_total', 'credits_per_day', 'tasks_in_flight', 'requests_per_minute'] as const

/** These two can be lifted by `off`. */
const numberOrOff = (text: string): number | 'off' | null =>
  text.trim() === 'off' ? 'off' : wholeOrNull(text)

export function Limits({
  account: { id, limits, plan, low_balance: lowBalance },
}: {
  readonly account: Account
}) {
  const text = words.value.accounts
  const save = useStep(
    async (form: FormData) =>
      await call('patch', '/admin/v1/accounts/{id}', {
        path: { id },
        body: {
          plan: textIn(form, 'plan').trim() || null,
          low_balance: numberOrOff(textIn(form, 'low_balance')),
          limits: {
            ...Object.fromEntries(amounts.map((name) => [name, numberOrOff(textIn(form, name))])),
            models: listOrNull(textIn(form, 'models')),
            cidrs: listOrNull(textIn(form, 'cidrs')),
          },
        },
      }),
    ['/admin/v1/accounts/{id}', '/admin/v1/accounts'],
  )
  return (
    <Panel title={text.limits}>
      <form
        class="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate(new FormData(event.currentTarget))
        }}
      >
        <div class="grid grid-cols-2 gap-4 lg:grid-cols-3">
          {amounts.map((name) => (
            <TextField
              key={name}
              label={common.value.keys.limits[name]}
              name={name}
              inputMode="numeric"
              placeholder={common.value.keys.noLimit}
              defaultValue={limits[name] ?? ''}
            />
          ))}
          <TextField label={text.plan} name="plan" defaultValue={plan ?? ''} />
          <TextField
            label={common.value.billing.lowBalance}
            name="low_balance"
            defaultValue={lowBalance ?? ''}
            placeholder={text.usual}
          />
        </div>
        <div class="grid gap-4 md:grid-cols-2">
          <TextArea
            label={text.models}
            hint={text.modelsHint}
            name="models"
            defaultValue={limits.models?.join('\n') ?? ''}
          />
          <TextArea
            label={common.value.keys.addresses}
            hint={common.value.keys.addressesHint}
            name="cidrs"
            defaultValue={limits.cidrs?.join('\n') ?? ''}
          />
        </div>
        <Problem error={save.error} />
        <div class="flex items-center gap-3">
          <Button type="submit" disabled={save.isPending}>
            {common.value.save}
          </Button>
          <p role="status">{save.isSuccess && common.value.saved}</p>
        </div>
      </form>
    </Panel>
  )
}
