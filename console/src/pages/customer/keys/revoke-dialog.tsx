// Revokes a key after its name was typed: programs that use it stop at once.
import { useSignal } from '@preact/signals'
import { call } from '../../../api/client.ts'
import { useStep } from '../../../api/queries.ts'
import { words } from '../../../language/language.ts'
import { Button } from '../../../parts/button.tsx'
import { Dialog } from '../../../parts/dialog.tsx'
import { TextField } from '../../../parts/field.tsx'
import { Problem } from '../../../parts/problem.tsx'
import type { Key } from './key.ts'

export function RevokeDialog({ of: key, onClose }: { readonly of: Key; readonly onClose: () => void }) {
  const text = words.value.keys
  const typed = useSignal('')
  const revoke = useStep(async () => {
    await call('delete', '/api/v1/keys/{id}', { path: { id: key.id } })
    onClose()
  }, ['/api/v1/keys'])
  return (
    <Dialog title={text.revokeNamed(key.name)} onClose={onClose}>
      <form
        class="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (typed.value === key.name) revoke.mutate(undefined)
        }}
      >
        <p>{text.revokeText}</p>
        <TextField
          label={text.typeName(key.name)}
          value={typed.value}
          autoFocus
          onInput={({ currentTarget: { value } }) => {
            typed.value = value
          }}
        />
        <Problem error={revoke.error} />
        <div class="flex justify-end gap-2">
          <Button onClick={onClose}>{words.value.cancel}</Button>
          <Button kind="danger" type="submit" disabled={typed.value !== key.name || revoke.isPending}>
            {text.revoke}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
