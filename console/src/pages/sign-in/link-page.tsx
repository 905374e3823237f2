// A single-use link: a click signs in, so that a chat's preview of the address does not use it up.
import { useSignal } from '@preact/signals'
import { words } from '../../language/language.ts'
import { Button } from '../../parts/button.tsx'
import { Problem } from '../../parts/problem.tsx'
import { signIn } from '../../session.ts'
import { Frame } from './frame.tsx'

export function LinkPage({ token, onDone }: { readonly token: string; readonly onDone: () => void }) {
  const text = words.value.signIn
  const failure = useSignal<unknown>(null)
  const isBusy = useSignal(false)
  const enter = async () => {
    isBusy.value = true
    try {
      await signIn({ link: token })
      onDone()
    } catch (error) {
      failure.value = error
    } finally {
      isBusy.value = false
    }
  }
  return (
    <Frame title={text.linkTitle}>
      <p class="text-ink-2">{text.linkText}</p>
      <Problem error={failure.value} />
      <Button kind="primary" size="large" disabled={isBusy.value} onClick={() => void enter()}>
        {text.linkButton}
      </Button>
      {failure.value !== null && (
        <button type="button" class="justify-self-start text-accent-text hover:underline" onClick={onDone}>
          {text.withKey}
        </button>
      )}
    </Frame>
  )
}
