// The brand where it is seen: logo and name, the notice, the footer with its links.
import { brand } from '../brand.ts'
import type { Texts } from '../brand.ts'
import { language, words } from '../language/language.ts'
import { sourceOf } from '../parts/media.tsx'

export const said = (texts: Texts): string => texts[language.value]

/** Until the brand is known, the page has a name of its own. */
export function brandName(): string {
  return brand.value ? said(brand.value.name) : words.value.console
}

export function Logo({ large = false }: { readonly large?: boolean }) {
  const logo = brand.value?.logo_url
  const size = large ? 28 : 20
  return (
    <span
      class={`flex min-w-0 items-center gap-2 font-semibold tracking-tight ${large ? 'text-xl' : 'text-lg'}`}
    >
      {logo ? (
        <img
          src={sourceOf(logo)}
          alt=""
          width={size}
          height={size}
          class="shrink-0 rounded-md object-contain"
        />
      ) : (
        <i aria-hidden="true" class="shrink-0 rounded-md bg-accent" style={{ width: size, height: size }} />
      )}
      <span class="truncate">{brandName()}</span>
    </span>
  )
}

const levels = {
  info: 'bg-run-soft text-run',
  warning: 'bg-wait-soft text-wait',
  critical: 'bg-bad-soft text-bad',
} as const

export function Notice() {
  const notice = brand.value?.notice
  if (!notice) return null
  return (
    <p role="status" class={`px-4 py-2 text-center ${levels[notice.level]}`}>
      {said(notice.text)}
    </p>
  )
}

export function Footer() {
  const { links = [], footer = null } = brand.value ?? {}
  if (links.length === 0 && footer === null) return null
  return (
    <footer class="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-4 text-xs text-ink-3 md:px-8">
      {footer && <span>{said(footer)}</span>}
      {links.map(({ text, url }) => (
        <a key={url} href={url} rel="noreferrer" class="hover:text-ink hover:underline">
          {said(text)}
        </a>
      ))}
    </footer>
  )
}
