// A real browser at a gateway of its own: it notes what a page must never do.
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AxeBuilder } from '@axe-core/playwright'
import { chromium } from 'playwright-core'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { beforeAll, afterAll, expect } from 'vitest'

const candidates = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
/** Pictures of pages, for people to look at. */
const shots = fileURLToPath(new URL('shots/', import.meta.url))

export interface Visit {
  readonly page: Page
  readonly context: BrowserContext
  /** What the page did that it must not: scripts of texts, refusals of its policy, requests to other hosts. */
  readonly sins: string[]
  shot(name: string): Promise<void>
}

interface Looks {
  readonly width?: number
  readonly scheme?: 'light' | 'dark'
  readonly language?: 'en' | 'zh'
  /** Of the browser. */
  readonly timeZone?: string
}

/** One browser for a file of tests. */
export function useBrowser(): (url: string, looks?: Looks) => Promise<Visit> {
  let browser: Browser | undefined
  beforeAll(async () => {
    const path = candidates.find((each) => existsSync(each))
    if (path === undefined)
      throw new Error('These tests need Chromium: apt-get install chromium fonts-wqy-microhei')
    mkdirSync(shots, { recursive: true })
    browser = await chromium.launch({
      executablePath: path,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    })
  })
  afterAll(async () => await browser?.close())
  return async (url, { width = 1280, scheme = 'light', language = 'en', timeZone = 'UTC' } = {}) => {
    if (!browser) throw new Error('the browser has not started')
    const context = await browser.newContext({
      viewport: { width, height: width < 500 ? 844 : 900 },
      colorScheme: scheme,
      locale: language === 'zh' ? 'zh-CN' : 'en-US',
      timezoneId: timeZone,
      reducedMotion: 'reduce',
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    const page = await context.newPage()
    const sins = watch(page, new URL(url).host)
    return {
      page,
      context,
      sins,
      shot: async (name) =>
        void (await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true })),
    }
  }
}

function watch(page: Page, host: string): string[] {
  const sins: string[] = []
  page.on('pageerror', ({ message }) => sins.push(`threw: ${message}`))
  page.on('dialog', (dialog) => {
    sins.push(`opened a dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('console', (message) => {
    const text = message.text()
    if (/content security policy|trusted ?types|refused to/i.test(text))
      sins.push(`broke its policy: ${text}`)
  })
  page.on('request', (request) => {
    const url = new URL(request.url())
    if (/^https?:$/.test(url.protocol) && url.host !== host) sins.push(`asked ${url.host}`)
  })
  return sins
}

export async function signIn(page: Page, url: string, secret: string): Promise<void> {
  await page.goto(`${url}/console`)
  await page.locator('input[name=secret]').fill(secret)
  await page.locator('button[type=submit]').click()
  await page.locator('nav a:visible').first().waitFor()
}

/** Nothing is loading any more. */
export async function settled(page: Page): Promise<void> {
  await expect.poll(async () => await page.locator('[aria-busy=true]').count(), { timeout: 20_000 }).toBe(0)
}

/** What keeps people from using the page as it is now. */
export async function problemsOf(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`),
    )
}

export async function widerThanScreen(page: Page): Promise<number> {
  return Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'))
}
