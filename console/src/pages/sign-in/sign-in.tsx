// Signing in: with a key or token, or with an account's password.
import { useSignal } from '@preact/signals'
import { words } from '../../language/language.ts'
import { Button } from '../../parts/button.tsx'
import { TextField } from '../../parts/field.tsx'
import { textIn } from '../../parts/forms.ts'
import { Problem } from '../../parts/problem.tsx'
import { hasEnded, signIn } from '../../session.ts'
import type { Proof } from '../../session.ts'
import { Frame } from './frame.tsx'

export function SignIn() {
  const text = words.value.signIn
  const byPassword = useSignal(false)
  const failure = useSignal<unknown>(null)
  const isBusy = useSignal(false)
  const send = (event: SubmitEvent) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    failure.value = null
    isBusy.value = true
    signIn(proofIn(form))
      .catch((error: unknown) => {
        failure.value = error
      })
      .finally(() => {
        isBusy.value = false
      })
  }
  return (
    <Frame title={text.title}>
      {hasEnded.value && <p role="status">{text.ended}</p>}
      <form class="grid gap-4" onSubmit={send}>
        {byPassword.value ? (
          <>
            <TextField
              label={text.account}
              hint={text.accountHint}
              name="account"
              autocomplete="username"
              required
            />
            <TextField
              label={text.password}
              name="password"
              type="password"
              autocomplete="current-password"
              required
            />
          </>
        ) : (
          <TextField label={text.secret} hint={text.hint} name="secret" type="password" required autoFocus />
        )}
        <Problem error={failure.value} />
        <Button kind="primary" size="large" type="submit" disabled={isBusy.value}>
          {text.button}
        </Button>
      </form>
      <button
        type="button"
        class="justify-self-start text-accent-text hover:underline"
        onClick={() => {
          failure.value = null
          byPassword.value = !byPassword.value
        }}
      >
        {byPassword.value ? text.withKey : text.withPassword}
      </button>
    </Frame>
  )
}

function proofIn(form: FormData): Proof {
  return form.has('secret')
    ? { secret: textIn(form, 'secret').trim() }
    : { account: textIn(form, 'account').trim(), password: textIn(form, 'password') }
}
