// What an operator does with all that is known of a customer, in a real browser: a file of it, and its end.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminToken } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'
import { signIn, useBrowser } from './browser.ts'
import { startConsole } from './gateway.ts'

const visit = useBrowser()
let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  gateway = await startConsole()
  customer = await gateway.customer(1_000)
  const id = (await customer.create({ model_id: 'gpt-image-2', prompt: 'a secret heron' })).json.data.task_id
  await customer.ended(id)
})
afterAll(async () => await gateway.stop())

test('all that is known of an account is a file, whole, with its prompts', async () => {
  const { page, sins } = await visit(gateway.url)
  await signIn(page, gateway.url, adminToken)
  await page.goto(`${gateway.url}/console/accounts/${customer.accountId}`)
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Export' }).click(),
  ])
  const lines = readFileSync(await download.path(), 'utf8')
    .trim()
    .split('\n')
  expect(download.suggestedFilename()).toBe(`${customer.accountId}.jsonl`)
  expect(lines.join('\n')).toContain('a secret heron')
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ type: 'end' })
  expect(sins).toEqual([])
})

test('an account is erased once its name was typed and its credits were written off', async () => {
  const { page, sins } = await visit(gateway.url)
  await signIn(page, gateway.url, adminToken)
  await page.goto(`${gateway.url}/console/accounts/${customer.accountId}`)
  const name = await page.getByRole('heading', { level: 1 }).textContent()
  await page.getByRole('button', { name: 'Erase account' }).click()
  const dialog = page.getByRole('dialog')
  const erase = dialog.getByRole('button', { name: 'Erase account' })
  await dialog.getByLabel(/^Type/).fill('another')
  await dialog.getByLabel(/Write off its/).check()
  expect(await erase.isDisabled()).toBe(true)
  await dialog.getByLabel(/^Type/).fill(name ?? '')
  await erase.click()
  await page.getByText('Erased', { exact: true }).waitFor()
  expect((await customer.get('/credits')).status).toBe(401)
  expect(await page.getByText('a secret heron').count()).toBe(0)
  expect(await page.getByRole('button', { name: 'Top up' }).count()).toBe(0)
  expect(sins).toEqual([])
})
