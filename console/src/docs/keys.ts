// The reader's key in every example: of who is signed in, or as it is typed here; it stays in the page.

/** As keys are given out; nothing else comes into a line that a shell will read. */
const keyForm = /^sk-[\w-]{8,100}$/
const shownLength = 7

export function useKeys(): void {
  const panel = document.querySelector<HTMLElement>('.key')
  const field = panel?.querySelector('input')
  if (!panel || !field) return
  let known: string | null = null
  let isShown = false
  const toggle = panel.querySelector<HTMLElement>('button')
  const show = () => {
    const typed = field.value.trim()
    const key = known ?? (keyForm.test(typed) ? typed : null)
    for (const place of document.querySelectorAll<HTMLElement>('.sk')) {
      const other = (place.dataset['other'] ??= place.textContent)
      if (key === null) delete place.dataset['key']
      else place.dataset['key'] = key
      place.textContent = key === null ? other : isShown ? key : `${key.slice(0, shownLength)}…`
    }
    for (const part of panel.querySelectorAll<HTMLElement>('[data-when]')) {
      part.hidden = part.dataset['when'] !== (known === null ? 'unknown' : 'known')
    }
    if (toggle) {
      toggle.hidden = key === null
      toggle.textContent = toggle.dataset[isShown ? 'hide' : 'show'] ?? ''
      toggle.setAttribute('aria-pressed', String(isShown))
    }
  }
  toggle?.addEventListener('click', () => {
    isShown = !isShown
    show()
  })
  field.addEventListener('input', show)
  const ask = async () => {
    known = await keyOfSession(panel.dataset['from'] ?? '')
    show()
  }
  // The reader may have signed in or out in another tab: ask again when this tab is shown.
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void ask()
  })
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) void ask()
  })
  panel.hidden = false
  show()
  void ask()
}

/** The key of the session. Null: the session was not opened by a key, there is none, or the gateway does not answer. */
async function keyOfSession(from: string): Promise<string | null> {
  try {
    const answer = await fetch(from, { cache: 'no-store' })
    if (!answer.ok) return null
    const { data } = (await answer.json()) as { readonly data: { readonly key: string | null } | null }
    return data?.key ?? null
  } catch {
    return null
  }
}
