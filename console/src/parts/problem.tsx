// What went wrong, in the gateway's words, and a way to try again.
import { Refusal } from '../api/client.ts'
import { words } from '../language/language.ts'
import { Button } from './button.tsx'
import { Icon } from './icons.tsx'

export const reasonOf = (error: unknown): string =>
  error instanceof Refusal ? error.message : words.value.unreachable

export function Problem({ error, again }: { readonly error: unknown; readonly again?: () => void }) {
  if (!error) return null
  return (
    <div role="alert" class="flex items-start gap-2 rounded-lg bg-bad-soft px-3 py-2 text-bad">
      <span class="pt-0.5">
        <Icon name="alert" />
      </span>
      <p class="grow">{reasonOf(error)}</p>
      {again && (
        <Button kind="quiet" onClick={again}>
          {words.value.tryAgain}
        </Button>
      )}
    </div>
  )
}
