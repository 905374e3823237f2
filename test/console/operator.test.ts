// What an operator does in the console, in a real browser: find, refund, top up, codes, a link for a customer.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminToken } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'
import { signIn, useBrowser } from './browser.ts'
import { startConsole } from './gateway.ts'

const visit = useBrowser()
let gateway: Gateway
let customer: Customer
let taskId: string
beforeAll(async () => {
  gateway = await startConsole()
  customer = await gateway.customer(1_000)
  taskId = (await customer.create({ model_id: 'gpt-image-2', prompt: 'a complaint' })).json.data.task_id
  await customer.ended(taskId)
})
afterAll(async () => await gateway.stop())

test('every page of the operator opens', async () => {
  const { page, sins } = await visit(gateway.url)
  await signIn(page, gateway.url, adminToken)
  const names = [
    'Today',
    'Tasks',
    'Reconcile',
    'Accounts',
    'Codes',
    'Report',
    'Models',
    'Upstream',
    'Alerts',
    'Audit',
    'System',
  ]
  for (const name of names) {
    await page.getByRole('link', { name, exact: true }).first().click()
    await page.getByRole('heading', { level: 1, name, exact: true }).waitFor()
  }
  expect(sins).toEqual([])
})

test('a task that a customer complains of is found by its id, and refunded once', async () => {
  const { page, sins } = await visit(gateway.url)
  await signIn(page, gateway.url, adminToken)
  await page.keyboard.press('/')
  await page.getByRole('searchbox', { name: 'Find' }).fill(taskId)
  await page.getByRole('link', { name: taskId }).waitFor()
  await page.keyboard.press('Enter')
  const sheet = page.getByRole('dialog')
  await sheet.getByLabel('Reason').fill('the heron has three legs')
  await sheet.getByRole('button', { name: 'Refund', exact: true }).click()
  await sheet.getByText('Refund by the operator').waitFor()
  expect(await customer.balance()).toBe(1_000)
  expect(await sheet.getByRole('button', { name: 'Refund', exact: true }).count()).toBe(0)
  expect(sins).toEqual([])
})

test('credits are given by hand once the balance that results was seen', async () => {
  const { page, sins } = await visit(gateway.url)
  const fresh = await gateway.customer(100)
  await signIn(page, gateway.url, adminToken)
  await page.goto(`${gateway.url}/console/accounts/${fresh.accountId}`)
  await page.getByLabel('Credits', { exact: true }).fill('250')
  await page.getByText('The balance will be 350.').waitFor()
  await page.getByLabel('Public note (the customer sees it)').fill('welcome')
  await page.getByRole('button', { name: 'Top up' }).click()
  await page.getByText('Balance: 350').waitFor()
  expect(await fresh.balance()).toBe(350)
  expect(sins).toEqual([])
})

test('codes are shown once, and one of them is redeemed by a customer', async () => {
  const { page, sins } = await visit(gateway.url)
  await signIn(page, gateway.url, adminToken)
  await page.getByRole('link', { name: 'Codes', exact: true }).first().click()
  await page.getByLabel('Credits each').fill('40')
  await page.getByLabel('How many').fill('2')
  await page.getByRole('button', { name: 'Make', exact: true }).click()
  const shown = await page.locator('pre').first().textContent()
  const [code = ''] = shown?.split('\n') ?? []
  expect(code).toMatch(/^tg-/)
  const buyer = await gateway.customer(0)
  const other = await visit(gateway.url)
  await signIn(other.page, gateway.url, buyer.key)
  await other.page.getByRole('link', { name: 'Billing', exact: true }).first().click()
  await other.page.getByLabel('Code', { exact: true }).fill(code.toLowerCase())
  await other.page.getByRole('button', { name: 'Redeem', exact: true }).click()
  await other.page.getByText('40 credits were added.').waitFor()
  expect(await buyer.balance()).toBe(40)
  expect([...sins, ...other.sins]).toEqual([])
})

test('a link signs a customer in by a click, once', async () => {
  const { page } = await visit(gateway.url)
  await signIn(page, gateway.url, adminToken)
  await page.goto(`${gateway.url}/console/accounts/${customer.accountId}`)
  await page.getByRole('button', { name: 'Make a link' }).click()
  const address = new URL((await page.locator('pre').filter({ hasText: '/link/' }).textContent()) ?? '')
  const link = `${gateway.url}${address.pathname}${address.hash}`
  const other = await visit(gateway.url)
  await other.page.goto(link)
  await other.page.getByRole('button', { name: 'Sign in with this link' }).click()
  await other.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
  expect(other.page.url()).not.toContain('link')
  const late = await visit(gateway.url)
  await late.page.goto(link)
  await late.page.getByRole('button', { name: 'Sign in with this link' }).click()
  await late.page.getByRole('alert').first().waitFor()
  expect(other.sins).toEqual([])
})

test('a price is asked for as a customer on a plan would pay it, and a value that is not sold is refused in words', async () => {
  const { page, sins } = await visit(gateway.url)
  await signIn(page, gateway.url, adminToken)
  await page.getByRole('link', { name: 'Models', exact: true }).first().click()
  await page.getByLabel('Model', { exact: true }).selectOption('gpt-image-2')
  await page.getByLabel('generate_count').fill('3')
  await page.getByLabel('generate_count').press('Enter')
  await page.getByText('15 × 3').waitFor()
  await page.getByLabel('resolution').fill('9K')
  await page.getByLabel('resolution').press('Tab')
  await page.getByRole('alert').getByText('resolution').waitFor()
  expect(sins).toEqual([])
})

test('views of tasks lead to what was refunded today', async () => {
  const { page, sins } = await visit(gateway.url)
  await signIn(page, gateway.url, adminToken)
  await page.getByRole('link', { name: 'Tasks', exact: true }).first().click()
  await page.getByRole('link', { name: 'Refunded today' }).click()
  await page.waitForURL(/refunded=true/)
  await page.getByRole('row').nth(1).waitFor()
  await page.getByRole('link', { name: 'Slowest' }).click()
  await page.waitForURL(/took_above=/)
  expect(sins).toEqual([])
})

test('what is being typed stays, though the page shows new rows meanwhile', async () => {
  const { page, sins } = await visit(gateway.url)
  await signIn(page, gateway.url, adminToken)
  await page.getByRole('link', { name: 'Tasks', exact: true }).first().click()
  const field = page.getByLabel('Reason contains')
  await field.pressSequentially('too da')
  const { task_id: id } = (await customer.create({ model_id: 'gpt-image-2', prompt: 'another' })).json.data
  await page.locator(`a[href*="${id}"]`).first().waitFor()
  expect(await field.inputValue()).toBe('too da')
  expect(sins).toEqual([])
})
