// All that is known of an account as a file, and its end.
import { useSignal } from '@preact/signals'
import { call, urlOf } from '../../../api/client.ts'
import type { Answer } from '../../../api/client.ts'
import { useStep } from '../../../api/queries.ts'
import { words as common } from '../../../language/language.ts'
import { Button, ButtonLink } from '../../../parts/button.tsx'
import { Dialog } from '../../../parts/dialog.tsx'
import { Check, TextField } from '../../../parts/field.tsx'
import { number } from '../../../parts/format.ts'
import { Icon } from '../../../parts/icons.tsx'
import { Panel } from '../../../parts/panel.tsx'
import { Problem } from '../../../parts/problem.tsx'
import { isOwner } from '../rights.ts'
import { words } from '../words/words.ts'

type Account = Answer<'/admin/v1/accounts/{id}'>

export function Privacy({ account }: { readonly account: Account }) {
  const text = words.value.accounts.privacy
  const isErasing = useSignal(false)
  return (
    <Panel title={text.title}>
      <div class="grid gap-3">
        <p class="max-w-[640px] text-ink-2">{text.exportText}</p>
        <div class="flex flex-wrap gap-2">
          <ButtonLink
            href={urlOf('/admin/v1/accounts/{id}/export', { path: { id: account.id } })}
            download={`${account.id}.jsonl`}
          >
            <Icon name="download" />
            {text.export}
          </ButtonLink>
          {isOwner() && account.erased_at === undefined && (
            <Button kind="danger" onClick={() => (isErasing.value = true)}>
              {text.erase}
            </Button>
          )}
        </div>
        {isErasing.value && <EraseDialog account={account} onClose={() => (isErasing.value = false)} />}
      </div>
    </Panel>
  )
}

interface EraseProps {
  readonly account: Account
  readonly onClose: () => void
}

function EraseDialog({ account, onClose }: EraseProps) {
  const text = words.value.accounts.privacy
  const { id, name, balance, owed } = account
  const typed = useSignal('')
  const forfeits = useSignal(false)
  const erase = useStep(async () => {
    await call('delete', '/admin/v1/accounts/{id}', {
      path: { id },
      query: { confirm: id, ...(forfeits.value ? { forfeit: 'true' as const } : {}) },
    })
    onClose()
  }, ['/admin/v1/accounts/{id}', '/admin/v1/accounts', '/admin/v1/accounts/{id}/ledger'])
  const hasCredits = balance > 0 || owed > 0
  const mayErase = typed.value === name && (!hasCredits || forfeits.value) && !erase.isPending
  return (
    <Dialog title={text.eraseNamed(name)} onClose={onClose}>
      <form
        class="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (mayErase) erase.mutate(undefined)
        }}
      >
        <p>{text.gone}</p>
        <p>{text.kept}</p>
        {hasCredits && (
          <Check
            label={balance > 0 ? text.forfeit(number(balance)) : text.forfeitOwed(number(owed))}
            checked={forfeits.value}
            onInput={({ currentTarget: { checked } }) => (forfeits.value = checked)}
          />
        )}
        <TextField
          label={common.value.keys.typeName(name)}
          value={typed.value}
          autoComplete="off"
          onInput={({ currentTarget: { value } }) => (typed.value = value)}
        />
        <Problem error={erase.error} />
        <div class="flex justify-end gap-2">
          <Button onClick={onClose}>{common.value.cancel}</Button>
          <Button kind="danger" type="submit" disabled={!mayErase}>
            {text.erase}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
