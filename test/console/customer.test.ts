// What a customer does in the console, in a real browser, by the names that things have for everybody.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Customer, Gateway } from '../support/gateway.ts'
import { signIn, useBrowser } from './browser.ts'
import { startConsole } from './gateway.ts'

const visit = useBrowser()
let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  gateway = await startConsole()
  customer = await gateway.customer(1_000)
})
afterAll(async () => await gateway.stop())

test('a wrong key is refused in words, and a right one leads to every page', async () => {
  const { page, sins } = await visit(gateway.url)
  await page.goto(`${gateway.url}/console`)
  await page.getByLabel('API key or admin token').fill('sk-wrong')
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect
    .poll(async () => await page.getByRole('alert').allTextContents())
    .toEqual([expect.stringMatching(/does not sign you in/)])
  await page.getByLabel('API key or admin token').fill(customer.key)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  for (const name of ['Overview', 'Playground', 'Tasks', 'Keys', 'Billing', 'Usage', 'Webhooks']) {
    await page.getByRole('link', { name, exact: true }).first().click()
    await page.getByRole('heading', { level: 1, name, exact: true }).waitFor()
  }
  expect(await page.getByRole('link', { name: 'Docs', exact: true }).first().getAttribute('href')).toBe(
    '/docs',
  )
  await page.getByRole('button', { name: 'Sign out' }).first().click()
  await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor()
  expect(sins).toEqual([])
})

test('the playground shows the price, makes a picture, and says of a failure that the credits came back', async () => {
  const { page, sins } = await visit(gateway.url)
  await signIn(page, gateway.url, customer.key)
  const main = page.getByRole('main')
  await page.getByRole('link', { name: 'Playground', exact: true }).first().click()
  await page.getByRole('radio', { name: 'ChatGPT Image 2' }).check()
  await page.getByRole('textbox', { name: 'Prompt' }).fill('a heron at dawn')
  await main.getByText('15 credits', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await main.getByRole('img', { name: 'The picture that was made' }).waitFor()
  // The key is in what is copied, and not in sight.
  await main.getByRole('button', { name: 'Copy', exact: true }).last().click()
  await main.getByText('Copied').first().waitFor()
  expect(await page.evaluate('navigator.clipboard.readText()')).toContain(`Bearer ${customer.key}"`)
  expect(await page.content()).not.toContain(customer.key)
  const before = await customer.balance()
  await page.getByRole('textbox', { name: 'Prompt' }).fill('this will fail')
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await main.getByText('15 credits were returned.').waitFor()
  expect(await customer.balance()).toBe(before)
  expect(sins).toEqual([])
})

test('a click is one order, also when the answer was lost on its way', async () => {
  const { page } = await visit(gateway.url)
  const fresh = await gateway.customer(100)
  await signIn(page, gateway.url, fresh.key)
  await page.getByRole('link', { name: 'Playground', exact: true }).first().click()
  await page.getByRole('radio', { name: 'ChatGPT Image 2' }).check()
  await page.getByRole('textbox', { name: 'Prompt' }).fill('a heron at noon')
  let lost = 0
  await page.route('**/tasks/create', async (route) => {
    if (lost++ > 0) return await route.continue()
    await route.fetch()
    return await route.abort('connectionreset')
  })
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await page.getByRole('alert').first().waitFor()
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await page.getByRole('main').getByRole('img', { name: 'The picture that was made' }).waitFor()
  expect(await fresh.balance()).toBe(85)
})

test('a task moves by itself, and opens with what was ordered and what it cost', async () => {
  const { page, sins } = await visit(gateway.url)
  await signIn(page, gateway.url, customer.key)
  await page.getByRole('link', { name: 'Tasks', exact: true }).first().click()
  await page.getByRole('heading', { level: 1, name: 'Tasks' }).waitFor()
  await customer.create({ model_id: 'gpt-image-2', prompt: 'ordered elsewhere' })
  const row = page.getByRole('row').filter({ hasText: 'ordered elsewhere' })
  await row.getByText('Succeeded').waitFor()
  await row.getByRole('link').first().click()
  const sheet = page.getByRole('dialog')
  await sheet.getByText('Task charged').waitFor()
  await sheet.getByText('ordered elsewhere', { exact: true }).waitFor()
  await page.keyboard.press('Escape')
  await expect.poll(() => new URL(page.url()).pathname).toBe('/console/tasks')
  await page.getByLabel('Prompt contains').fill('elsewhere')
  await page.keyboard.press('Enter')
  await expect.poll(() => page.url()).toContain('text=elsewhere')
  await expect.poll(async () => await page.getByRole('row').count()).toBe(2)
  expect(sins).toEqual([])
})

test('a statement is saved whole, whatever page of it is shown', async () => {
  const { page } = await visit(gateway.url)
  const fresh = await gateway.customer(1)
  const rows = 120
  for (let grant = 1; grant < rows; grant++) {
    await gateway.operator('POST', `/accounts/${fresh.accountId}/credits`, {
      amount: 1,
      public_note: 'again',
    })
  }
  await signIn(page, gateway.url, fresh.key)
  await page.goto(`${gateway.url}/console/billing`)
  await page.getByRole('button', { name: 'Next page' }).click()
  await page.getByRole('button', { name: 'First page' }).waitFor()
  const saved = page.waitForEvent('download')
  await page.getByRole('button', { name: 'CSV' }).click()
  const lines = readFileSync(await (await saved).path(), 'utf8')
    .trimEnd()
    .split('\r\n')
  expect(lines).toHaveLength(rows + 1)
  expect(lines[0]).toMatch(/^\uFEFFid,/)
  expect(new Set(lines).size).toBe(rows + 1)
})

test("other people's text is text on every page", async () => {
  const hostile = [
    '<img src=x onerror=alert(1)>',
    '"><svg onload=alert(2)>',
    "javascript:alert(3)//'",
    '\u202Etxt.exe {{7*7}} ${alert(4)}',
    '</script><script>alert(5)</script>',
  ]
  const fresh = await gateway.customer(500)
  for (const prompt of hostile) await fresh.create({ model_id: 'gpt-image-2', prompt })
  const { page, sins } = await visit(gateway.url)
  await signIn(page, gateway.url, fresh.key)
  for (const path of [
    '/',
    '/tasks',
    '/tasks?view=gallery',
    `/playground?prompt=${encodeURIComponent(hostile[0] ?? '')}`,
  ]) {
    await page.goto(`${gateway.url}/console${path}`)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.waitForLoadState('networkidle').catch(() => undefined)
  }
  await page.goto(`${gateway.url}/console/tasks`)
  for (const prompt of hostile) await page.getByText(prompt, { exact: true }).first().waitFor()
  await page
    .getByText(hostile[0] ?? '', { exact: true })
    .first()
    .click()
  await page
    .getByRole('dialog')
    .getByText(hostile[0] ?? '', { exact: true })
    .first()
    .waitFor()
  expect(await page.locator('main img[src=x], dialog img[src=x], svg[onload]').count()).toBe(0)
  expect(sins).toEqual([])
})
