// An address that is none of the console's.
import { words } from '../language/language.ts'
import { ButtonLink } from '../parts/button.tsx'
import { Empty } from '../parts/panel.tsx'
import { to } from '../place.ts'
import { Heading } from '../shell/shell.tsx'

export function NotFound() {
  return (
    <>
      <Heading title={words.value.notFound.title} />
      <Empty title={words.value.notFound.text}>
        <ButtonLink href={to('/')}>{words.value.notFound.back}</ButtonLink>
      </Empty>
    </>
  )
}
