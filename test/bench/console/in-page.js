// What runs inside the page: it notes by its own clock when its rows stand there, and how long its frames take.

/** The first of these elements whose text holds the figure that is waited for. */
const firstOf = ({ selector, holds }) =>
  [...document.querySelectorAll(selector)].find(
    ({ textContent }) => holds === undefined || new RegExp(holds).test(textContent),
  )

const patienceMs = 30_000

/** Milliseconds since then, when the frame with it was drawn. `instead`: the text that stands there before. */
const shown = async (awaited, sinceMs = 0, instead = null) =>
  await new Promise((resolve, reject) => {
    const beganMs = performance.now()
    const look = () => {
      const found = firstOf(awaited)
      if (performance.now() - beganMs > patienceMs) {
        reject(new Error(`${awaited.selector} did not come at ${location.pathname}${location.search}`))
        return
      }
      if (!document.querySelector('h1') || !found || found.textContent === instead) {
        requestAnimationFrame(look)
        return
      }
      // The task behind the frame runs when that has been drawn.
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - sinceMs)))
    }
    look()
  })

const moveTo = (path) => {
  history.pushState(null, '', path)
  window.dispatchEvent(new PopStateEvent('popstate'))
}

window.bench = {
  shown,
  paintedMs: () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,

  /** As a link does, without loading the page anew; from a page that has none of what is waited for. */
  async go(path, awaited, from) {
    moveTo(from)
    while (firstOf(awaited)) await new Promise(requestAnimationFrame)
    const sinceMs = performance.now()
    moveTo(path)
    return await shown(awaited, sinceMs)
  },

  /** The last of these buttons. */
  async press(selector, awaited) {
    const instead = firstOf(awaited)?.textContent ?? null
    const sinceMs = performance.now()
    const button = [...document.querySelectorAll(selector)].at(-1)
    if (!button) throw new Error(`there is no ${selector}`)
    button.click()
    return await shown(awaited, sinceMs, instead)
  },

  /** From the last key on: what the page waits to see whether another comes is in it. */
  async type(selector, text, awaited) {
    const box = document.querySelector(selector)
    const { set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')
    set.call(box, text)
    const instead = firstOf(awaited)?.textContent ?? null
    const sinceMs = performance.now()
    box.dispatchEvent(new InputEvent('input', { bubbles: true }))
    return await shown(awaited, sinceMs, instead)
  },

  /** Between two frames while the page is scrolled down and up again. */
  async longestFrame(frames) {
    return await new Promise((resolve) => {
      let [longestMs, count, before] = [0, 0, performance.now()]
      const step = (nowMs) => {
        if (count > 1) longestMs = Math.max(longestMs, nowMs - before)
        before = nowMs
        count += 1
        if (count > frames) {
          resolve(longestMs)
          return
        }
        window.scrollBy(0, count <= frames / 2 ? 60 : -60)
        requestAnimationFrame(step)
      }
      requestAnimationFrame(step)
    })
  },
}
