// Dialogs of a customer: accessible while they are open, and a new key is not lost by a slip.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Gateway } from '../support/gateway.ts'
import { problemsOf, useBrowser } from './browser.ts'
import { startConsole } from './gateway.ts'

const visit = useBrowser()
let gateway: Gateway
beforeAll(async () => {
  gateway = await startConsole()
})
afterAll(async () => await gateway.stop())

/** By a link of the operator, which may make keys and set a password. */
async function signInByLink(page: Page): Promise<void> {
  const { accountId } = await gateway.customer(100)
  const { url } = (await gateway.operator('POST', `/accounts/${accountId}/link`, {})).json.data
  const { pathname, hash } = new URL(String(url))
  await page.goto(`${gateway.url}${pathname}${hash}`)
  await page.getByRole('button', { name: 'Sign in with this link' }).click()
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
}

test.each([
  { width: 1280, scheme: 'light' },
  { width: 390, scheme: 'dark' },
] as const)('a key is made, shown until it is kept, and revoked: $width, $scheme', async (look) => {
  const { page, sins, shot } = await visit(gateway.url, look)
  await signInByLink(page)
  await page.keyboard.press('Control+k')
  await page.keyboard.type('create key')
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('for the <b>shop</b>')
  await dialog.getByLabel('Credits a day').fill('30')
  expect(await problemsOf(page), 'the form').toEqual([])
  await shot(`dialog-key-${look.width}`)
  await dialog.getByRole('button', { name: 'Create key' }).click()
  const kept = dialog.getByRole('button', { name: 'I have kept it' })
  await kept.waitFor()
  expect(await problemsOf(page), 'the new key').toEqual([])
  await shot(`dialog-new-key-${look.width}`)
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
  await page.mouse.click(4, 4)
  const shown = (await dialog.locator('pre').allTextContents()).join('\n')
  expect(shown).toMatch(/sk-\w{32}/)
  expect(shown).toContain('curl -X POST')
  expect(shown).toContain('mcpServers')
  await kept.click()
  await page.getByRole('button', { name: 'Revoke for the <b>shop</b>' }).click()
  expect(await problemsOf(page), 'the revocation').toEqual([])
  const revoke = dialog.getByRole('button', { name: 'Revoke', exact: true })
  expect(await revoke.isDisabled()).toBe(true)
  await dialog.getByRole('textbox').fill('for the <b>shop</b>')
  await revoke.click()
  await page.getByRole('row').filter({ hasText: 'for the <b>shop</b>' }).getByText('Revoked').waitFor()
  expect(sins).toEqual([])
})

test('a password is set where a link signed in', async () => {
  const { page, sins } = await visit(gateway.url)
  await signInByLink(page)
  await page.getByRole('button', { name: 'Signing in' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('New password').fill('a heron in the reeds')
  expect(await problemsOf(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.getByText('Saved').waitFor()
  expect(sins).toEqual([])
})
