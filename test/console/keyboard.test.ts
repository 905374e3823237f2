// By the keyboard alone: signing in, an order, a key revoked, and the palette of both roles.
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminToken } from '../support/gateway.ts'
import type { Gateway } from '../support/gateway.ts'
import { signIn, useBrowser } from './browser.ts'
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

const stepsMax = 80

/** Goes on to it from where the focus is. */
async function reach(page: Page, wanted: Locator): Promise<void> {
  await wanted.waitFor()
  for (let step = 0; step < stepsMax; step++) {
    if (await wanted.evaluate((element) => element === element.ownerDocument.activeElement)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`${String(wanted)} cannot be reached by the keyboard`)
}

/** Of what has the focus. */
const outlineOf = async (page: Page): Promise<unknown> =>
  await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')

test('signs in, orders, sees the result and revokes a key', async () => {
  const { page, sins } = await visit(gateway.url)
  const customer = await gateway.customer(100)
  await gateway.operator('POST', `/accounts/${customer.accountId}/keys`, { name: 'an old one' })
  await page.goto(`${gateway.url}/console`)
  await reach(page, page.getByLabel('API key or admin token'))
  await page.keyboard.type(customer.key)
  await page.keyboard.press('Enter')
  const playground = page.getByRole('link', { name: 'Playground', exact: true }).first()
  await reach(page, playground)
  expect(await outlineOf(page)).toBe('solid')
  await page.keyboard.press('Enter')
  await reach(page, page.getByRole('radio', { name: 'Seedance 2.0' }))
  await page.keyboard.press('ArrowDown')
  expect(await page.getByRole('radio', { name: 'ChatGPT Image 2' }).isChecked()).toBe(true)
  await reach(page, page.getByRole('textbox', { name: 'Prompt' }))
  await page.keyboard.type('a heron at dusk')
  await reach(page, page.getByRole('button', { name: 'Run', exact: true }))
  await page.keyboard.press('Enter')
  await page.getByRole('main').getByRole('img', { name: 'The picture that was made' }).waitFor()
  expect(await customer.balance()).toBe(85)
  await page.keyboard.press('Control+k')
  await page.keyboard.type('keys')
  await page.keyboard.press('Enter')
  await reach(page, page.getByRole('button', { name: 'Revoke an old one' }))
  await page.keyboard.press('Enter')
  await reach(page, page.getByRole('dialog').getByRole('textbox'))
  await page.keyboard.type('an old one')
  await page.keyboard.press('Enter')
  await page.getByRole('row').filter({ hasText: 'an old one' }).getByText('Revoked').waitFor()
  expect(sins).toEqual([])
})

test('the palette leads to pages and steps, in the language of the page', async () => {
  const { page, sins } = await visit(gateway.url)
  await signIn(page, gateway.url, filled.customer.key)
  await page.getByRole('button', { name: 'Go to…' }).click()
  const palette = page.getByRole('combobox', { name: 'Go to…' })
  await palette.fill('no such thing')
  await page.getByRole('status').filter({ hasText: 'Nothing here fits' }).waitFor()
  await palette.fill('bill')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Billing' }).waitFor()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('dark')
  await page.keyboard.press('Enter')
  expect(await page.locator('html').getAttribute('data-theme')).toBe('dark')
  await page.keyboard.press('Control+k')
  await page.keyboard.type('中文')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: '账单' }).waitFor()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('退出')
  await page.keyboard.press('Enter')
  await page.locator('input[name=secret]').waitFor()
  expect(sins).toEqual([])
})

test('the palette of an operator finds what has an id, and / leads to the box that does too', async () => {
  const { page, sins } = await visit(gateway.url)
  await signIn(page, gateway.url, adminToken)
  await page.keyboard.press('Meta+k')
  await page.keyboard.type(filled.made)
  await page.getByRole('option').filter({ hasText: filled.made }).waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').getByText(filled.made, { exact: true }).waitFor()
  await page.keyboard.press('Escape')
  await expect.poll(() => new URL(page.url()).pathname).toBe('/console/tasks')
  await page.keyboard.press('/')
  const find = page.getByRole('searchbox', { name: 'Find' })
  await expect
    .poll(async () => await find.evaluate((box) => box === box.ownerDocument.activeElement))
    .toBe(true)
  expect(await outlineOf(page)).toBe('solid')
  expect(sins).toEqual([])
})

test('a task is ordered again with all that it was ordered with', async () => {
  const { page, sins } = await visit(gateway.url)
  await signIn(page, gateway.url, filled.customer.key)
  await page.goto(`${gateway.url}/console/tasks/${filled.made}`)
  await page.getByRole('link', { name: 'Open in the playground' }).click()
  await page.getByRole('heading', { level: 1, name: 'Playground' }).waitFor()
  await expect
    .poll(async () => await page.getByRole('textbox', { name: 'Prompt' }).inputValue())
    .toBe('a heron at dawn')
  for (const name of ['ChatGPT Image 2', '16:9', '1K']) {
    expect(await page.getByRole('radio', { name, exact: true }).isChecked(), name).toBe(true)
  }
  expect(sins).toEqual([])
})
