// What pages say when something is wrong: the session is over, the gateway is away, slow or full; and how steady they are.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminToken } from '../support/gateway.ts'
import type { Gateway } from '../support/gateway.ts'
import { settled, signIn, useBrowser, widerThanScreen } from './browser.ts'
import { fill } from './filled.ts'
import type { Filled } from './filled.ts'
import { startConsole } from './gateway.ts'

const visit = useBrowser()
let gateway: Gateway
let filled: Filled
beforeAll(async () => {
  gateway = await startConsole()
  filled = await fill(gateway)
})
afterAll(async () => await gateway.stop())

const pages = {
  customer: ['/', '/playground', '/tasks', '/keys', '/billing', '/usage', '/webhooks'],
  operator: [
    '/',
    '/tasks',
    '/reconcile',
    '/accounts',
    '/codes',
    '/report',
    '/models',
    '/upstream',
    '/alerts',
    '/audit',
    '/system',
  ],
} as const
const roles = ['customer', 'operator'] as const
const secretOf = (role: (typeof roles)[number]): string =>
  role === 'customer' ? filled.customer.key : adminToken

test('where a session ends while a page is open, the page says so, and goes on from there', async () => {
  const { page } = await visit(gateway.url)
  const { accountId, key } = await gateway.customer(10)
  await signIn(page, gateway.url, key)
  await page.getByRole('link', { name: 'Tasks', exact: true }).first().click()
  await page.getByRole('heading', { level: 1, name: 'Tasks' }).waitFor()
  const { keys } = (await gateway.operator('GET', `/accounts/${accountId}/keys`)).json.data
  await gateway.operator('DELETE', `/keys/${keys[0].id}`)
  await page.getByText('You have been signed out.').waitFor()
  await page.getByLabel('API key or admin token').fill(filled.customer.key)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('heading', { level: 1, name: 'Tasks' }).waitFor()
  await expect.poll(async () => await page.getByText('a heron at dawn').count(), { timeout: 20_000 }).toBe(1)
})

test('while the gateway is away a page says that it may be old, and heals by itself', async () => {
  const { page } = await visit(gateway.url)
  await signIn(page, gateway.url, filled.customer.key)
  const banner = page.getByText('The gateway cannot be reached at the moment.')
  const seen = banner.waitFor()
  await gateway.restart()
  await seen
  await banner.waitFor({ state: 'hidden' })
  await filled.customer.create({ model_id: 'gpt-image-2', prompt: 'after the restart' })
  await expect
    .poll(async () => await page.getByText('after the restart').count(), { timeout: 20_000 })
    .toBeGreaterThan(0)
})

test('without a connection a step says that nothing happened, and works once there is one', async () => {
  const { page, context } = await visit(gateway.url)
  await signIn(page, gateway.url, filled.customer.key)
  await page.goto(`${gateway.url}/console/billing`)
  await page.getByLabel('Tell my webhook below').fill('25')
  await settled(page)
  await context.setOffline(true)
  const save = page.getByRole('button', { name: 'Save' })
  await save.click()
  await page.getByRole('alert').filter({ hasText: 'The gateway did not answer.' }).first().waitFor()
  await context.setOffline(false)
  await save.click()
  await page.getByText('Saved').waitFor()
  expect((await filled.customer.get('/credits/low_balance')).json.data).toMatchObject({ low_balance: 25 })
})

test.each([
  { status: 500, message: 'Something of ours broke.' },
  { status: 429, message: 'Too many requests. Try again in 7 seconds.' },
])('an answer of $status is shown in its own words, and can be asked again', async ({ status, message }) => {
  const { page } = await visit(gateway.url)
  await signIn(page, gateway.url, filled.customer.key)
  const refuse = '**/console/api/v1/ledger*'
  await page.route(
    refuse,
    async (route) => await route.fulfill({ status, json: { code: 0, msg: message, data: null, error: {} } }),
  )
  await page.goto(`${gateway.url}/console/billing`)
  const alert = page.getByRole('alert').filter({ hasText: message })
  await alert.waitFor()
  await page.unroute(refuse)
  await alert.getByRole('button', { name: 'Try again' }).click()
  await page.getByText('Task charged').first().waitFor()
  expect(await alert.count()).toBe(0)
})

const shifts = `
  window.shifts = []
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) {
      window.shifts.push([entry.value, ...entry.sources.map(({ node }) => node?.className ?? node?.nodeName)])
    }
  }).observe({ type: 'layout-shift', buffered: true })`
/** What browsers call good. */
const shiftMax = 0.1
const slowMs = 300

test.each(roles)('pages of the %s do not jump while answers are slow', async (role) => {
  const { page } = await visit(gateway.url)
  await signIn(page, gateway.url, secretOf(role))
  await page.addInitScript(shifts)
  await page.route(/\/console\/(api|admin)\/v1\/(?!events)/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, slowMs))
    await route.continue()
  })
  for (const path of pages[role]) {
    await page.goto(`${gateway.url}/console${path}`)
    await page.locator('[aria-busy=true]').first().waitFor()
    expect(await animationOf(page)).toBeLessThan(0.001)
    await settled(page)
    const seen = await page.evaluate<[number, ...unknown[]][]>('window.shifts')
    const sum = seen.reduce((all, [value]) => all + value, 0)
    expect(sum, `${path} ${JSON.stringify(seen)}`).toBeLessThanOrEqual(shiftMax)
  }
})

/** Seconds; readers who want no motion have none. */
const animationOf = async (page: Page): Promise<number> =>
  parseFloat(
    String(
      await page.evaluate(
        '[...document.querySelectorAll(".skeleton")].map((one) => getComputedStyle(one).animationDuration)[0] ?? "0s"',
      ),
    ),
  )

test.each(roles)('pages of the %s fit at a zoom of 200 percent', async (role) => {
  const { page } = await visit(gateway.url, { width: 640 })
  await signIn(page, gateway.url, secretOf(role))
  for (const path of pages[role]) {
    await page.goto(`${gateway.url}/console${path}`)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await settled(page)
    expect(await widerThanScreen(page), path).toBeLessThanOrEqual(0)
  }
})

test('days are those of the gateway, wherever the browser is', async () => {
  const now = new Date()
  const timeZone = now.getUTCHours() < 11 ? 'Pacific/Pago_Pago' : 'Pacific/Kiritimati'
  const { page } = await visit(gateway.url, { timeZone })
  await signIn(page, gateway.url, filled.customer.key)
  await page.goto(`${gateway.url}/console/usage`)
  await expect
    .poll(async () => await page.locator('input[type=date]').last().inputValue())
    .toBe(now.toISOString().slice(0, 10))
  await page.goto(`${gateway.url}/console/tasks`)
  await page.getByRole('columnheader', { name: 'Created (UTC)' }).waitFor()
})
