// One box on every page that finds any id or name; the key / leads into it.
import { useSignal } from '@preact/signals'
import { useLocation } from 'preact-iso'
import { useEffect, useRef } from 'preact/hooks'
import { call } from '../../api/client.ts'
import type { Answer } from '../../api/client.ts'
import { Icon } from '../../parts/icons.tsx'
import { to } from '../../place.ts'
import type { Command } from '../../shell/palette.tsx'
import { words } from './words/words.ts'

type Result = Answer<'/admin/v1/find'>['results'][number]

const pauseMs = 200

/** What is found by a text, a moment after it was typed; null: nothing is asked. */
function useResults(asked: string): readonly Result[] | null {
  const results = useSignal<readonly Result[] | null>(null)
  useEffect(() => {
    const q = asked.trim()
    if (q === '') {
      results.value = null
      return undefined
    }
    const aborter = new AbortController()
    const look = async () => {
      try {
        const found = await call('get', '/admin/v1/find', { query: { q }, signal: aborter.signal })
        results.value = found.results
      } catch {
        if (!aborter.signal.aborted) results.value = []
      }
    }
    const timer = setTimeout(() => void look(), pauseMs)
    return () => {
      clearTimeout(timer)
      aborter.abort()
    }
  }, [asked])
  return results.value
}

/** For the palette. */
export function useFound(asked: string): readonly Command[] {
  const { types } = words.value.find
  return (useResults(asked) ?? []).map((result) => ({
    text: result.label,
    note: `${types[result.type]} ${result.id}`,
    icon: 'search',
    does: addressOf(result),
  }))
}

export function Find() {
  const text = words.value.find
  const { route, path } = useLocation()
  const box = useRef<HTMLInputElement>(null)
  const asked = useSignal('')
  const results = useResults(asked.value)
  const at = useSignal(0)
  useEffect(() => {
    const focus = (event: KeyboardEvent) => {
      const isTyping =
        event.target instanceof Element && event.target.closest('input, textarea, select, dialog')
      if (event.key !== '/' || isTyping) return
      event.preventDefault()
      box.current?.focus()
    }
    document.addEventListener('keydown', focus)
    return () => document.removeEventListener('keydown', focus)
  }, [])
  useEffect(() => {
    asked.value = ''
  }, [path, asked])
  useEffect(() => {
    at.value = 0
  }, [results, at])
  const open = (result: Result | undefined) => {
    if (!result) return
    asked.value = ''
    route(addressOf(result))
  }
  const onKey = (event: KeyboardEvent) => {
    const count = results?.length ?? 0
    if (event.key === 'ArrowDown') at.value = Math.min(at.value + 1, count - 1)
    else if (event.key === 'ArrowUp') at.value = Math.max(at.value - 1, 0)
    else if (event.key === 'Enter') open(results?.[at.value])
    else if (event.key === 'Escape') asked.value = ''
    else return
    event.preventDefault()
  }
  const isOpen = results !== null
  return (
    <div class="relative mb-4 max-w-[420px]">
      <span class="pointer-events-none absolute top-2 left-2.5 text-ink-3">
        <Icon name="search" />
      </span>
      <input
        ref={box}
        type="search"
        aria-label={text.label}
        placeholder={text.placeholder}
        autocomplete="off"
        spellcheck={false}
        value={asked.value}
        class="h-8 w-full rounded-lg border border-line bg-panel pr-8 pl-8 placeholder:text-ink-3"
        onInput={({ currentTarget: { value } }) => {
          asked.value = value
        }}
        onKeyDown={onKey}
      />
      <kbd class="pointer-events-none absolute top-2 right-2 rounded border border-line-strong px-1.5 font-mono text-[11px] leading-4 text-ink-3">
        /
      </kbd>
      {isOpen && (
        <ul class="absolute z-20 mt-1 w-full overflow-hidden rounded-lg border border-line bg-panel shadow-lg">
          {results?.length === 0 && <li class="px-3 py-2 text-ink-3">{text.nothing}</li>}
          {results?.map((result, index) => (
            <li key={`${result.type}${result.id}`}>
              <a
                href={addressOf(result)}
                class={`flex items-baseline gap-3 px-3 py-1.5 hover:bg-hover ${index === at.value ? 'bg-hover' : ''}`}
                onClick={() => {
                  asked.value = ''
                }}
              >
                <span class="w-16 shrink-0 text-xs text-ink-3">{text.types[result.type]}</span>
                <span class="min-w-0 grow truncate">{result.label}</span>
                <span class="max-w-40 truncate font-mono text-xs text-ink-3">{result.id}</span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

function addressOf({ type, id, task_id: taskId }: Result): string {
  if (type === 'account') return to(`/accounts/${id}`)
  if (type === 'key') return to('/tasks', { key: id })
  if (type === 'code') return to('/codes', { code: id })
  return taskId === null ? to('/tasks') : to(`/tasks/${taskId}`)
}
