// The documentation and the public first page in a real browser: both languages, both schemes, the reader's key, hostile texts.
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Customer, Gateway } from '../support/gateway.ts'
import { signIn, useBrowser } from './browser.ts'
import { startConsole } from './gateway.ts'

const hostile = `<img src=x onerror="alert(1)">'"&{{7*7}}`
const settings = `
console: { home: public }
brand:
  name: { en: ${JSON.stringify(`Shop ${hostile}`)}, zh: ${JSON.stringify(`商店${hostile}`)} }
  color: '#0f766e'
  footer: ${JSON.stringify(hostile)}
  notice: { text: ${JSON.stringify(hostile)}, level: warning }
  links: [{ text: ${JSON.stringify(hostile)}, url: 'https://shop.example/terms?a=1&b=2' }]
models:
  gpt-image-2:
    name: ${JSON.stringify(`ChatGPT ${hostile}`)}
    capability: "<script>alert(2)</script>"
    price: { credits: 15 }
    routes: [{ upstream: keevx, operation: image_generate, params: { module: pro } }]
`

const visit = useBrowser()
let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  gateway = await startConsole(settings)
  customer = await gateway.customer(1_000)
})
afterAll(async () => await gateway.stop())

const looks = [
  { width: 1280, scheme: 'light', language: 'en' },
  { width: 1280, scheme: 'dark', language: 'zh' },
  { width: 390, scheme: 'dark', language: 'en' },
  { width: 390, scheme: 'light', language: 'zh' },
] as const

describe.each(looks)('$language, $scheme, $width pixels wide', (look) => {
  test.each(['/docs', '/'])(
    '%s can be read by everybody, and shows texts of others as text',
    async (path) => {
      const { page, sins, shot } = await visit(gateway.url, look)
      await page.goto(`${gateway.url}${path}`)
      await page.getByRole('heading', { level: 1 }).waitFor()
      expect(await page.evaluate('document.documentElement.dataset.theme')).toBe(look.scheme)
      expect(await page.evaluate('document.documentElement.lang')).toBe(
        look.language === 'zh' ? 'zh-CN' : 'en',
      )
      expect(await page.locator('.name').textContent()).toContain(hostile)
      expect(await page.locator('img[src="x"]').count()).toBe(0)
      const { violations } = await new AxeBuilder({ page }).analyze()
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
      const tooWide = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'))
      expect(tooWide).toBeLessThanOrEqual(0)
      await shot(`pages-${look.language}-${look.scheme}-${look.width}-${path.slice(1)}`)
      expect(sins).toEqual([])
    },
  )
})

const examples = (page: Page) => page.locator('.sk').allTextContents()
const firstCopied = async (page: Page) => {
  await page.locator('.code', { hasText: '/api/v1/credits"' }).getByRole('button').click()
  return String(await page.evaluate('navigator.clipboard.readText()'))
}

test('examples have the key of who is signed in: hidden from others in the room, whole in what is copied', async () => {
  const { page, context, sins } = await visit(gateway.url)
  await signIn(page, gateway.url, customer.key)
  await page.goto(`${gateway.url}/docs`)
  const masked = `${customer.key.slice(0, 7)}…`
  await expect.poll(async () => new Set(await examples(page))).toEqual(new Set([masked]))
  expect(await page.locator('body').textContent()).not.toContain(customer.key)
  const line = `curl "${gateway.url}/api/v1/credits" \\\n  -H "Authorization: Bearer ${customer.key}"`
  expect(await firstCopied(page)).toBe(line)
  await page.getByRole('button', { name: 'Show the key' }).click()
  expect(new Set(await examples(page))).toEqual(new Set([customer.key]))
  await page.getByRole('button', { name: 'Hide the key' }).click()
  expect(new Set(await examples(page))).toEqual(new Set([masked]))
  const stored = await page.evaluate('JSON.stringify([localStorage, sessionStorage, document.cookie])')
  expect(stored).not.toContain(customer.key)
  // Signed out in another tab, the page forgets it when it is seen again.
  const other = await context.newPage()
  await other.goto(`${gateway.url}/console`)
  await other.getByRole('button', { name: 'Sign out' }).first().click()
  await other.getByRole('button', { name: 'Sign in', exact: true }).waitFor()
  await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
  await expect.poll(async () => new Set(await examples(page))).toEqual(new Set(['sk-YOUR_KEY']))
  expect(await firstCopied(page)).toContain('Bearer sk-YOUR_KEY"')
  expect(sins).toEqual([])
})

test('a key that is typed stands in the examples, stays in the page, and is nothing that a shell would run', async () => {
  const { page, sins } = await visit(gateway.url)
  const asked: string[] = []
  page.on('request', (request) => asked.push(`${request.url()} ${request.postData() ?? ''}`))
  await page.goto(`${gateway.url}/docs`)
  const field = page.getByLabel('Or type it here: it stays in this page')
  await field.fill('sk-$(reboot)"; reboot #')
  expect(new Set(await examples(page))).toEqual(new Set(['sk-YOUR_KEY']))
  await field.fill(customer.key)
  expect(await firstCopied(page)).toContain(`Bearer ${customer.key}"`)
  expect(asked.join('\n')).not.toContain(customer.key)
  expect(await page.evaluate('JSON.stringify([localStorage, sessionStorage])')).not.toContain(customer.key)
  await page.reload()
  expect(new Set(await examples(page))).toEqual(new Set(['sk-YOUR_KEY']))
  expect(sins).toEqual([])
})

test('language of code, language and colours are chosen once, by keyboard too, and are those of the console', async () => {
  const { page, sins } = await visit(gateway.url)
  await page.goto(`${gateway.url}/docs`)
  const tab = (name: string) => page.getByRole('tab', { name, exact: true })
  await tab('cURL').first().focus()
  await page.keyboard.press('ArrowRight')
  expect(await tab('TypeScript').first().getAttribute('aria-selected')).toBe('true')
  expect(await page.getByRole('tabpanel', { name: 'TypeScript' }).first().textContent()).toContain(
    'await fetch',
  )
  await page.getByRole('button', { name: 'Colours: as the system' }).click()
  await page.getByRole('button', { name: 'Colours: light' }).click()
  await page.getByRole('link', { name: '中文', exact: true }).click()
  await page.getByRole('heading', { name: '创建任务' }).waitFor()
  expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('dark')
  expect(await tab('TypeScript').first().getAttribute('aria-selected')).toBe('true')
  // The console knows both choices, and the page knows those of the console.
  await page.goto(`${gateway.url}/console`)
  await page.getByLabel('API 密钥或管理令牌').waitFor()
  expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('dark')
  await page.goto(`${gateway.url}/docs`)
  await page.getByRole('heading', { name: '创建任务' }).waitFor()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  expect(await page.evaluate('document.activeElement.id')).toBe('main')
  await page.getByRole('link', { name: 'Webhook', exact: true }).first().click()
  await expect.poll(async () => await page.evaluate('location.hash')).toBe('#webhooks')
  expect(sins).toEqual([])
})
