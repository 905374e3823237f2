// An order that was refused: why, and where credits are sold if they are what it lacks.
import { Refusal } from '../../../api/client.ts'
import { brand } from '../../../brand.ts'
import { words } from '../../../language/language.ts'
import { ButtonLink } from '../../../parts/button.tsx'
import { Problem } from '../../../parts/problem.tsx'
import { to } from '../../../place.ts'
import { said } from '../../../shell/marks.tsx'

export function Refused({ error }: { readonly error: unknown }) {
  const lacksCredits = error instanceof Refusal && error.type === 'insufficient_credits'
  const { buy_url: buyUrl = null, buy_text: buyText = null } = brand.value ?? {}
  return (
    <>
      <Problem error={error} />
      {lacksCredits && (
        <div class="flex gap-2">
          <ButtonLink href={to('/billing')}>{words.value.billing.redeem}</ButtonLink>
          {buyUrl && (
            <ButtonLink kind="primary" href={buyUrl} rel="noreferrer">
              {buyText ? said(buyText) : words.value.billing.buy}
            </ButtonLink>
          )}
        </div>
      )}
    </>
  )
}
