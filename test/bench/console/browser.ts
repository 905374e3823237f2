// The browser of the benchmark: slowed down, and without a way to any other host.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import type { BrowserContext, Page } from 'playwright-core'

/** A context's cookies and storage, as they are when somebody has signed in. */
export type SignedIn = Awaited<ReturnType<BrowserContext['storageState']>>

/** What is waited for: elements, and a figure in their text where they stand there from the beginning. */
export interface Wanted {
  readonly selector: string
  readonly holds?: string
}

export interface Visit {
  readonly page: Page
  /** Calls a function of `in-page.js`. */
  ask(
    what: 'shown' | 'paintedMs' | 'go' | 'press' | 'type' | 'longestFrame',
    ...given: readonly unknown[]
  ): Promise<number>
  close(): Promise<void>
}

export interface Bench {
  readonly url: string
  signIn(secret: string): Promise<SignedIn>
  /** With an empty cache. */
  visit(as: SignedIn): Promise<Visit>
  close(): Promise<void>
}

const candidates = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const inPage = fileURLToPath(new URL('in-page.js', import.meta.url))
const viewport = { width: 1280, height: 900 }

export async function launchBrowser({
  url,
  throttle,
}: {
  readonly url: string
  readonly throttle: number
}): Promise<Bench> {
  const executablePath = candidates.find((each) => existsSync(each))
  if (executablePath === undefined) throw new Error('This benchmark needs Chromium: apt-get install chromium')
  const browser = await chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    ],
  })
  return {
    url,
    async signIn(secret) {
      const context = await browser.newContext({ viewport })
      const page = await context.newPage()
      await page.goto(`${url}/console`)
      await page.locator('input[name=secret]').fill(secret)
      await page.locator('button[type=submit]').click()
      await page.locator('nav a:visible').first().waitFor()
      const state = await context.storageState()
      await context.close()
      return state
    },
    async visit(storageState) {
      const context = await browser.newContext({ viewport, storageState, reducedMotion: 'reduce' })
      await context.addInitScript({ path: inPage })
      const page = await context.newPage()
      const session = await context.newCDPSession(page)
      await session.send('Emulation.setCPUThrottlingRate', { rate: throttle })
      return {
        page,
        ask: async (what, ...given) => {
          const list = given.map((each) => JSON.stringify(each)).join(', ')
          return await page.evaluate<number>(`window.bench.${what}(${list})`)
        },
        close: async () => await context.close(),
      }
    },
    close: async () => await browser.close(),
  }
}
