// The frame of all pages: navigation at the side, or at the foot of a phone; the page's heading and its actions.
import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useLocation } from 'preact-iso'
import { useEffect } from 'preact/hooks'
import { root } from '../api/client.ts'
import { words } from '../language/language.ts'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Icon } from '../parts/icons.tsx'
import type { IconName } from '../parts/icons.tsx'
import { base, to } from '../place.ts'
import { signOut } from '../session.ts'
import { Access } from './access.tsx'
import { Choices } from './choices.tsx'
import { brandName, Footer, Logo, Notice } from './marks.tsx'

export interface NavLink {
  readonly text: string
  readonly icon: IconName
  /** Of a page of the console; `docs` leaves it. */
  readonly path: `/${string}` | 'docs'
  /** How much waits there. */
  readonly count?: number | undefined
}

interface ShellProps {
  readonly links: readonly NavLink[]
  /** Who is signed in. */
  readonly who: string
  /** Above every page. */
  readonly above?: ComponentChildren
  readonly children: ComponentChildren
}

const inFootMax = 4

export function Shell({ links, who, above, children }: ShellProps) {
  const menuIsOpen = useSignal(false)
  const { path } = useLocation()
  useEffect(() => {
    menuIsOpen.value = false
  }, [path, menuIsOpen])
  return (
    <div class="min-h-dvh md:grid md:grid-cols-[216px_1fr]">
      <a href="#page" class="sr-only focus:not-sr-only focus:fixed focus:z-20 focus:bg-panel focus:p-3">
        {words.value.skip}
      </a>
      <nav
        aria-label={words.value.navigation}
        class="sticky top-0 hidden h-dvh flex-col gap-0.5 overflow-y-auto border-r border-line px-3 py-4 md:flex"
      >
        <a href={to('/')} aria-label={brandName()} class="mb-3 px-2 py-1">
          <Logo />
        </a>
        {links.map((link) => (
          <Entry key={link.path} {...link} />
        ))}
        <Foot who={who} />
      </nav>
      <div class="flex min-w-0 flex-col pb-16 md:pb-0">
        <Notice />
        <main
          id="page"
          tabIndex={-1}
          class="mx-auto w-full max-w-[1240px] grow px-4 py-4 outline-none md:px-8 md:py-5"
        >
          {above}
          {children}
        </main>
        <Footer />
      </div>
      <nav
        aria-label={words.value.navigation}
        class="fixed inset-x-0 bottom-0 z-10 grid auto-cols-fr grid-flow-col border-t border-line bg-panel pb-[env(safe-area-inset-bottom)] md:hidden"
      >
        {links.slice(0, inFootMax).map((link) => (
          <FootEntry key={link.path} {...link} />
        ))}
        <button
          type="button"
          class="grid h-14 content-center justify-items-center gap-0.5 text-[11px] text-ink-2"
          onClick={() => {
            menuIsOpen.value = true
          }}
        >
          <Icon name="menu" />
          {words.value.menu}
        </button>
      </nav>
      {menuIsOpen.value && (
        <Dialog
          title={brandName()}
          onClose={() => {
            menuIsOpen.value = false
          }}
        >
          <div class="grid gap-0.5">
            {links.map((link) => (
              <Entry key={link.path} {...link} />
            ))}
          </div>
          <Foot who={who} />
        </Dialog>
      )}
    </div>
  )
}

function addressOf({ path }: Pick<NavLink, 'path'>): string {
  return path === 'docs' ? `${root}/docs` : to(path)
}

function isHere(link: Pick<NavLink, 'path'>, path: string): boolean {
  if (link.path === 'docs') return false
  const own = `${base}${link.path}`.replace(/\/$/, '')
  return link.path === '/' ? path === own : path === own || path.startsWith(`${own}/`)
}

function Entry(link: NavLink) {
  const { path } = useLocation()
  return (
    <a
      href={addressOf(link)}
      aria-current={isHere(link, path) ? 'page' : undefined}
      class="flex h-8 items-center gap-2.5 rounded-md px-2 text-ink-2 hover:bg-hover hover:text-ink aria-[current]:bg-hover aria-[current]:font-medium aria-[current]:text-ink"
    >
      <Icon name={link.icon} />
      {link.text}
      {link.count ? <span class="num ml-auto text-xs font-medium text-wait">{link.count}</span> : null}
    </a>
  )
}

function FootEntry(link: NavLink) {
  const { path } = useLocation()
  return (
    <a
      href={addressOf(link)}
      aria-current={isHere(link, path) ? 'page' : undefined}
      class="grid h-14 content-center justify-items-center gap-0.5 text-[11px] text-ink-2 aria-[current]:text-accent-text"
    >
      <Icon name={link.icon} />
      {link.text}
    </a>
  )
}

function Foot({ who }: { readonly who: string }) {
  const isOpen = useSignal(false)
  return (
    <div class="mt-auto grid gap-1 pt-4">
      <Choices />
      <div class="flex items-center gap-1 pl-2">
        <button
          type="button"
          class="min-w-0 grow truncate rounded-md py-1 text-left text-xs text-ink-2 hover:text-ink"
          title={words.value.access.title}
          onClick={() => {
            isOpen.value = true
          }}
        >
          {who}
        </button>
        <Button
          kind="quiet"
          size="icon"
          aria-label={words.value.signOut}
          title={words.value.signOut}
          onClick={() => void signOut()}
        >
          <Icon name="signOut" />
        </Button>
      </div>
      {isOpen.value && (
        <Access
          onClose={() => {
            isOpen.value = false
          }}
        />
      )}
    </div>
  )
}

/** The heading of a page, and what can be done there. */
export function Heading({
  title,
  children,
}: {
  readonly title: string
  readonly children?: ComponentChildren
}) {
  useEffect(() => {
    document.title = [title, brandName()].filter(Boolean).join(' · ')
  })
  return (
    <div class="mb-5 flex min-h-9 flex-wrap items-center gap-3">
      <h1 class="grow text-xl font-semibold tracking-tight">{title}</h1>
      {children}
    </div>
  )
}
