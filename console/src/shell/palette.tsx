// The command palette: pages, steps and, for operators, what has an id; Ctrl or ⌘ and K open it on every page.
import { useSignal } from '@preact/signals'
import { useLocation } from 'preact-iso'
import { useEffect, useId, useLayoutEffect, useRef } from 'preact/hooks'
import { choose, language, words } from '../language/language.ts'
import { chooseScheme, scheme } from '../look/theme.ts'
import { Icon } from '../parts/icons.tsx'
import type { IconName } from '../parts/icons.tsx'

export interface Command {
  readonly text: string
  readonly icon: IconName
  /** What it is, beside its name. */
  readonly note?: string
  /** An address, or what is done. */
  readonly does: string | (() => void)
}

/** What is found by what was typed. */
export type UseFound = (asked: string) => readonly Command[]

interface PaletteProps {
  readonly commands: readonly Command[]
  readonly useFound: UseFound
  readonly onClose: () => void
}

/** Calls `open` by the keys that open a palette everywhere. */
export function usePaletteKey(open: () => void): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'k') return
      event.preventDefault()
      open()
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [])
}

/** Steps that every page has: colours and language. */
export function choices(): Command[] {
  const { colours, other } = words.value.choices
  return [
    ...(['system', 'light', 'dark'] as const)
      .filter((each) => each !== scheme.value)
      .map((each) => ({
        text: colours[each],
        icon: each === 'system' ? ('systemScheme' as const) : each,
        does: () => chooseScheme(each),
      })),
    { text: other, icon: 'settings', does: () => choose(language.value === 'zh' ? 'en' : 'zh') },
  ]
}

export function Palette({ commands, useFound, onClose }: PaletteProps) {
  const text = words.value.palette
  const { route } = useLocation()
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  const asked = useSignal('')
  const at = useSignal(0)
  // At once: what is typed next belongs to it.
  useLayoutEffect(() => dialog.current?.showModal(), [])
  const wanted = asked.value.trim().toLowerCase()
  // Addresses are in English whatever the page is in.
  const fits = ({ text: name, does }: Command) =>
    `${name} ${typeof does === 'string' ? does : ''}`.toLowerCase().includes(wanted)
  const shown = [...commands.filter(fits), ...useFound(asked.value)]
  const chosen = Math.min(at.value, shown.length - 1)
  useEffect(() => document.getElementById(`${id}-${chosen}`)?.scrollIntoView({ block: 'nearest' }), [chosen])
  const run = (command: Command | undefined) => {
    if (!command) return
    onClose()
    if (typeof command.does === 'string') route(command.does)
    else command.does()
  }
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') at.value = (chosen + 1) % shown.length
    else if (event.key === 'ArrowUp') at.value = (chosen + shown.length - 1) % shown.length
    else if (event.key === 'Enter') run(shown[chosen])
    else return
    event.preventDefault()
  }
  return (
    <dialog
      ref={dialog}
      aria-label={text.label}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && dialog.current?.close()}
      class="mx-auto mt-[12dvh] mb-auto w-[min(560px,calc(100vw-32px))] overflow-hidden rounded-xl border border-line bg-panel p-0 text-ink"
    >
      <input
        role="combobox"
        aria-expanded={shown.length > 0}
        aria-controls={id}
        aria-activedescendant={shown.length > 0 ? `${id}-${chosen}` : undefined}
        aria-autocomplete="list"
        aria-label={text.label}
        placeholder={text.hint}
        autocomplete="off"
        spellcheck={false}
        autoFocus
        value={asked.value}
        class="h-12 w-full bg-transparent px-4 text-lg -outline-offset-2 placeholder:text-ink-3"
        onInput={({ currentTarget: { value } }) => {
          asked.value = value
          at.value = 0
        }}
        onKeyDown={onKey}
      />
      {shown.length === 0 ? (
        <p role="status" class="border-t border-line px-4 py-3 text-ink-3">
          {words.value.none}
        </p>
      ) : (
        <ul
          id={id}
          role="listbox"
          aria-label={text.label}
          class="max-h-[52dvh] overflow-y-auto border-t border-line p-1.5"
        >
          {shown.map((command, index) => (
            <li
              key={`${command.text} ${command.note ?? ''}`}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === chosen}
              class="flex h-9 cursor-pointer items-center gap-2.5 rounded-md px-2.5 text-ink-2 aria-selected:bg-hover aria-selected:text-ink"
              onPointerMove={() => {
                at.value = index
              }}
              onClick={() => run(command)}
            >
              <Icon name={command.icon} />
              <span class="min-w-0 grow truncate">{command.text}</span>
              <span class="max-w-[45%] truncate font-mono text-xs text-ink-3">{command.note}</span>
            </li>
          ))}
        </ul>
      )}
    </dialog>
  )
}
