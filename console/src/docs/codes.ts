// Examples of code: one language at a time, chosen for the whole page, and a button that copies.

const shownMs = 1_500
const place = 'docs-language'

/** Without this script the languages stand one below the other. */
export function addTabs(): void {
  const groups = [...document.querySelectorAll<HTMLElement>('.codes')].map(tabsOf)
  const choose = (name: string, isByHand: boolean) => {
    for (const show of groups) show(name)
    if (isByHand) localStorage.setItem(place, name)
  }
  document.addEventListener('click', ({ target }) => {
    const tab = target instanceof Element ? target.closest<HTMLElement>('[role=tab]') : null
    if (!tab) return
    // What is above may have become longer or shorter: the tab stays under the pointer.
    const before = tab.getBoundingClientRect().top
    choose(tab.textContent, true)
    scrollBy(0, tab.getBoundingClientRect().top - before)
  })
  choose(localStorage.getItem(place) ?? '', false)
}

/** Returns what shows one of the languages; the first where it is not there. */
function tabsOf(group: HTMLElement, at: number): (name: string) => void {
  const panels = [...group.querySelectorAll<HTMLElement>('.code')]
  const list = document.createElement('div')
  list.className = 'tabs'
  list.setAttribute('role', 'tablist')
  list.setAttribute('aria-label', group.dataset['label'] ?? '')
  const tabs = panels.map((panel, index) => {
    const tab = document.createElement('button')
    tab.type = 'button'
    tab.id = `tab-${at}-${index}`
    tab.textContent = panel.querySelector('.label')?.textContent ?? ''
    tab.setAttribute('role', 'tab')
    panel.id = `panel-${at}-${index}`
    panel.setAttribute('role', 'tabpanel')
    panel.setAttribute('aria-labelledby', tab.id)
    tab.setAttribute('aria-controls', panel.id)
    list.append(tab)
    return tab
  })
  list.addEventListener('keydown', (event) => {
    const now = tabs.findIndex((tab) => tab === document.activeElement)
    const to = { ArrowRight: now + 1, ArrowLeft: now - 1 + tabs.length, Home: 0, End: tabs.length - 1 }[event.key]
    const tab = to === undefined ? undefined : tabs[to % tabs.length]
    if (!tab) return
    event.preventDefault()
    tab.click()
    tab.focus()
  })
  group.prepend(list)
  group.classList.add('in-tabs')
  return (name) => {
    const chosen = Math.max(
      tabs.findIndex((tab) => tab.textContent === name),
      0,
    )
    for (const [index, tab] of tabs.entries()) {
      tab.setAttribute('aria-selected', String(index === chosen))
      tab.tabIndex = index === chosen ? 0 : -1
      const panel = panels[index]
      if (panel) panel.hidden = index !== chosen
    }
  }
}

/** Copies what the code is, with the key where the page shows it masked. */
export function addCopying(): void {
  const { copy = '', copied = '' } = document.body.dataset
  for (const block of document.querySelectorAll<HTMLElement>('.code')) {
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'copy'
    button.textContent = copy
    button.setAttribute('aria-live', 'polite')
    button.addEventListener('click', () => {
      void put(codeOf(block))
      button.textContent = copied
      setTimeout(() => {
        button.textContent = copy
      }, shownMs)
    })
    block.append(button)
  }
}

function codeOf(block: HTMLElement): string {
  const code = block.querySelector('pre')?.cloneNode(true) as HTMLElement | undefined
  for (const key of code?.querySelectorAll<HTMLElement>('.sk') ?? []) key.textContent = key.dataset['key'] ?? key.textContent
  return code?.textContent ?? ''
}

/** Without TLS browsers have no clipboard for pages, but copy what is selected. */
async function put(text: string): Promise<void> {
  if (isSecureContext) return await navigator.clipboard.writeText(text)
  const field = document.createElement('textarea')
  field.value = text
  document.body.append(field)
  field.select()
  // oxlint-disable-next-line typescript/no-deprecated -- there is no other way without TLS
  document.execCommand('copy')
  field.remove()
}
