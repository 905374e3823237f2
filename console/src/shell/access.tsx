// How the signed-in person signs in: a password for customers, and the end of all sessions.
import { useStep } from '../api/queries.ts'
import { words } from '../language/language.ts'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { TextField } from '../parts/field.tsx'
import { textIn } from '../parts/forms.ts'
import { Problem } from '../parts/problem.tsx'
import { session, setPassword, signOutEverywhere } from '../session.ts'

export function Access({ onClose }: { readonly onClose: () => void }) {
  const text = words.value.access
  const end = useStep(signOutEverywhere)
  const now = session.value
  return (
    <Dialog title={text.title} onClose={onClose}>
      {now?.role === 'customer' &&
        (now.may.set_password ? <Password /> : <p class="text-ink-2">{text.mayNot}</p>)}
      <Problem error={end.error} />
      <div>
        <Button kind="danger" disabled={end.isPending} onClick={() => end.mutate(undefined)}>
          {text.signOutEverywhere}
        </Button>
      </div>
    </Dialog>
  )
}

/** As the gateway asks for it. */
const lengthMin = 10

function Password() {
  const text = words.value.access
  const save = useStep(async (form: FormData) => await setPassword(textIn(form, 'password')))
  return (
    <form
      class="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate(new FormData(event.currentTarget))
      }}
    >
      <TextField
        label={text.password}
        hint={text.passwordHint(lengthMin)}
        name="password"
        type="password"
        autocomplete="new-password"
        minLength={lengthMin}
        required
      />
      <Problem error={save.error} />
      <div class="flex items-center gap-3">
        <Button kind="primary" type="submit" disabled={save.isPending}>
          {words.value.save}
        </Button>
        <p role="status">{save.isSuccess && words.value.saved}</p>
      </div>
    </form>
  )
}
