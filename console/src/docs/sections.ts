// Marks the section that is being read in the table of contents.

/** Below the bar, where a link of the table leads. */
const readFromPx = 96

export function followSections(): void {
  const links = [...document.querySelectorAll<HTMLAnchorElement>('.toc a')]
  const list = document.querySelector<HTMLDetailsElement>('.toc details')
  if (!list) return
  const wide = matchMedia('(min-width: 1024px)')
  // On a small screen it would stand before everything.
  const fold = () => {
    list.open = wide.matches
  }
  wide.addEventListener('change', fold)
  fold()
  list.addEventListener('click', ({ target }) => {
    if (!wide.matches && target instanceof HTMLAnchorElement) list.open = false
  })
  const sections = links.map((link) => document.querySelector(link.hash))
  const mark = () => {
    const isAtEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 1
    const passed = sections.findLastIndex((section) => (section?.getBoundingClientRect().top ?? 1e9) <= readFromPx)
    const at = isAtEnd ? links.length - 1 : Math.max(passed, 0)
    for (const [index, link] of links.entries()) {
      if (index === at) link.setAttribute('aria-current', 'true')
      else link.removeAttribute('aria-current')
    }
  }
  addEventListener('scroll', mark, { passive: true })
  mark()
}
