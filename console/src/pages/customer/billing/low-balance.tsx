// The balance below which the account's webhook is told once.
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { call } from '../../../api/client.ts'
import { useAnswer, useStep } from '../../../api/queries.ts'
import { words } from '../../../language/language.ts'
import { Button } from '../../../parts/button.tsx'
import { TextField } from '../../../parts/field.tsx'
import { Panel } from '../../../parts/panel.tsx'
import { Problem } from '../../../parts/problem.tsx'

export function LowBalance() {
  const text = words.value.billing
  const { data, error } = useAnswer('/api/v1/credits/low_balance')
  const typed = useSignal('')
  useEffect(() => {
    if (data) typed.value = data.low_balance === null ? '' : String(data.low_balance)
  }, [data?.low_balance])
  const save = useStep(
    async () =>
      await call('put', '/api/v1/credits/low_balance', {
        body: { low_balance: typed.value.trim() === '' ? null : Number(typed.value) },
      }),
    ['/api/v1/credits/low_balance'],
  )
  return (
    <Panel title={text.lowBalance}>
      <form
        class="grid gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate(undefined)
        }}
      >
        <TextField
          label={text.threshold}
          hint={text.thresholdHint}
          type="number"
          min={0}
          step={1}
          inputMode="numeric"
          placeholder={text.usualThreshold}
          // What is typed before the answer has come would be lost by it.
          disabled={!data}
          value={typed.value}
          onInput={({ currentTarget: { value } }) => {
            typed.value = value
          }}
        />
        <Problem error={error ?? save.error} />
        <div class="flex items-center gap-3">
          <Button type="submit" disabled={save.isPending}>
            {words.value.save}
          </Button>
          <p role="status">{save.isSuccess && words.value.saved}</p>
        </div>
      </form>
    </Panel>
  )
}
