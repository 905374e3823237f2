// The frame of all pages: navigation at the side, or at the foot of a phone; the page's heading and its actions.
import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useLocation } from 'preact-iso'
import { useEffect } from 'preact/hooks'
import { root } from '../api/client.ts'
import { words } from '../language/language.ts'
import { isCut } from '../api/live.ts'
import { IconButton } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Icon } from '../parts/icons.tsx'
import type { IconName } from '../parts/icons.tsx'
import { base, to } from '../place.ts'
import { signOut } from '../session.ts'
import { Access } from './access.tsx'
import { Choices } from './choices.tsx'
import { choices, Palette, usePaletteKey } from './palette.tsx'
import type { Command, UseFound } from './palette.tsx'
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
  /** Steps of this role in the palette, and what it finds there. */
  readonly steps?: readonly Command[]
  readonly useFound?: UseFound
  readonly children: ComponentChildren
}

const inFootMax = 4

const findNothing: UseFound = () => []

export function Shell({ links, who, above, children, steps = [], useFound = findNothing }: ShellProps) {
  const opened = useSignal<'menu' | 'palette' | 'access' | null>(null)
  const { path } = useLocation()
  const open = (what: typeof opened.value) => () => {
    opened.value = what
  }
  useEffect(() => {
    if (opened.value === 'menu') opened.value = null
  }, [path, opened])
  usePaletteKey(open('palette'))
  const foot = <Foot who={who} onAccess={open('access')} />
  const commands: Command[] = [
    ...links.map((link) => ({
      text: link.text,
      icon: link.icon,
      does: link.path === 'docs' ? () => location.assign(addressOf(link)) : addressOf(link),
    })),
    ...steps,
    { text: words.value.access.title, icon: 'settings', does: open('access') },
    ...choices(),
    { text: words.value.signOut, icon: 'signOut', does: () => void signOut() },
  ]
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
        <OpenPalette onOpen={open('palette')} />
        {links.map((link) => (
          <Entry key={link.path} {...link} />
        ))}
        {foot}
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
          onClick={open('menu')}
        >
          <Icon name="menu" />
          {words.value.menu}
        </button>
      </nav>
      {isCut.value && (
        <p
          role="status"
          class="fixed right-4 bottom-18 left-4 z-20 rounded-lg border border-line-strong bg-wait-soft px-3 py-2 text-wait md:bottom-4 md:left-auto md:max-w-[420px]"
        >
          {words.value.cut}
        </p>
      )}
      {opened.value === 'menu' && (
        <Dialog title={brandName()} onClose={open(null)}>
          <div class="grid gap-0.5">
            <OpenPalette onOpen={open('palette')} />
            {links.map((link) => (
              <Entry key={link.path} {...link} />
            ))}
          </div>
          {foot}
        </Dialog>
      )}
      {opened.value === 'access' && <Access onClose={open(null)} />}
      {opened.value === 'palette' && <Palette commands={commands} useFound={useFound} onClose={open(null)} />}
    </div>
  )
}

function OpenPalette({ onOpen }: { readonly onOpen: () => void }) {
  return (
    <button
      type="button"
      aria-keyshortcuts="Control+K Meta+K"
      class="mb-2 flex h-8 items-center gap-2.5 rounded-lg border border-line px-2 text-ink-3 hover:bg-hover hover:text-ink"
      onClick={onOpen}
    >
      <Icon name="search" />
      <span class="grow text-left">{words.value.palette.label}</span>
      <kbd aria-hidden="true" class="font-mono text-[11px]">
        {isApple ? '⌘' : 'Ctrl '}K
      </kbd>
    </button>
  )
}

const isApple = /mac|iphone|ipad/i.test(navigator.userAgent)

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

function Foot({ who, onAccess }: { readonly who: string; readonly onAccess: () => void }) {
  return (
    <div class="mt-auto grid gap-1 pt-4">
      <Choices />
      <div class="flex items-center gap-1 pl-2">
        <span class="min-w-0 grow truncate text-xs text-ink-2">{who}</span>
        <IconButton icon="settings" text={words.value.access.title} onClick={onAccess} />
        <IconButton icon="signOut" text={words.value.signOut} onClick={() => void signOut()} />
      </div>
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
