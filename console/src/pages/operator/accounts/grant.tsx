// Credits by hand: the balance that results is shown before.
import { useSignal } from '@preact/signals'
import { call } from '../../../api/client.ts'
import type { Answer } from '../../../api/client.ts'
import { useStep } from '../../../api/queries.ts'
import { words as common } from '../../../language/language.ts'
import { Button } from '../../../parts/button.tsx'
import { TextField } from '../../../parts/field.tsx'
import { textIn } from '../../../parts/forms.ts'
import { number } from '../../../parts/format.ts'
import { Panel } from '../../../parts/panel.tsx'
import { Problem } from '../../../parts/problem.tsx'
import { randomKey } from '../../../parts/random.ts'
import { words } from '../words/words.ts'

type Account = Answer<'/admin/v1/accounts/{id}'>

export function Grant({ account }: { readonly account: Account }) {
  const text = words.value.accounts
  const amount = useSignal('')
  /** Until an answer has come: a grant whose answer was lost is not given twice. */
  const key = useSignal(randomKey())
  const grant = useStep(
    async (form: FormData) => {
      const [paid, currency] = [textIn(form, 'paid'), textIn(form, 'currency')]
      const granted = await call('post', '/admin/v1/accounts/{id}/credits', {
        path: { id: account.id },
        body: {
          amount: Number(amount.value),
          idempotency_key: key.value,
          ...(textIn(form, 'public') === '' ? {} : { public_note: textIn(form, 'public') }),
          ...(textIn(form, 'private') === '' ? {} : { private_note: textIn(form, 'private') }),
          ...(paid === '' ? {} : { paid: { amount: paid, currency } }),
        },
      })
      amount.value = ''
      key.value = randomKey()
      return granted
    },
    ['/admin/v1/accounts/{id}', '/admin/v1/accounts/{id}/ledger', '/admin/v1/accounts'],
  )
  const change = Number(amount.value)
  const after = account.balance - account.owed + change
  return (
    <Panel title={text.credits}>
      <form
        class="grid gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          grant.mutate(new FormData(event.currentTarget))
        }}
      >
        <TextField
          label={text.amount}
          hint={text.amountHint}
          type="number"
          step={1}
          required
          value={amount.value}
          onInput={({ currentTarget: { value } }) => {
            amount.value = value
          }}
        />
        <TextField label={text.publicNote} name="public" />
        <TextField label={text.privateNote} name="private" />
        <div class="grid grid-cols-2 gap-3">
          <TextField label={text.paid} name="paid" inputMode="decimal" placeholder="10.00" />
          <TextField label={text.currency} name="currency" placeholder="USD" maxLength={3} />
        </div>
        <p class="num text-ink-2" aria-live="polite">
          {change !== 0 && (after >= 0 ? text.balanceAfter(number(after)) : text.owedAfter(number(-after)))}
        </p>
        <Problem error={grant.error} />
        <div class="flex items-center gap-3">
          <Button kind="primary" type="submit" disabled={grant.isPending || change === 0}>
            {change < 0 ? text.takeBack : text.topUp}
          </Button>
          <p role="status" class="num text-ok">
            {grant.data && `${common.value.billing.balance}: ${number(grant.data.balance)}`}
          </p>
        </div>
      </form>
    </Panel>
  )
}
