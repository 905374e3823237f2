// Every page in both languages, both schemes and on a phone: accessible, within its policy, and small.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { AxeBuilder } from '@axe-core/playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adminToken } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'
import { root } from '../tidy/tree.ts'
import { signIn, useBrowser } from './browser.ts'
import { startConsole } from './gateway.ts'

const visit = useBrowser()
let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  gateway = await startConsole()
  customer = await gateway.customer(1_000)
  const prompts = ['a heron at dawn', 'a harbour in the fog', 'this will fail']
  for (const prompt of prompts) {
    const { task_id: id } = (await customer.create({ model_id: 'gpt-image-2', prompt })).json.data
    await (prompt.includes('fail') ? customer.ended(id) : customer.kept(id))
  }
})
afterAll(async () => await gateway.stop())

const looks = [
  { width: 1280, scheme: 'light', language: 'en' },
  { width: 1280, scheme: 'dark', language: 'zh' },
  { width: 390, scheme: 'dark', language: 'en' },
  { width: 390, scheme: 'light', language: 'zh' },
] as const

const pages = {
  customer: ['/', '/playground', '/tasks', '/tasks?view=gallery', '/keys', '/billing', '/usage', '/webhooks'],
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

describe.each(looks)('$language, $scheme, $width pixels wide', (look) => {
  test.each(['customer', 'operator'] as const)('every page of the %s', async (role) => {
    const { page, sins, shot } = await visit(gateway.url, look)
    await page.goto(`${gateway.url}/console`)
    await page.locator('input[name=secret]').waitFor()
    expect(await problemsOf(page), 'sign-in').toEqual([])
    await signIn(page, gateway.url, role === 'customer' ? customer.key : adminToken)
    for (const path of pages[role]) {
      await page.goto(`${gateway.url}/console${path}`)
      await page.locator('h1').waitFor()
      await expect
        .poll(async () => await page.locator('[aria-busy=true]').count(), { timeout: 20_000 })
        .toBe(0)
      expect(await problemsOf(page), path).toEqual([])
      const tooWide = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'))
      expect(tooWide, `${path} is wider than the screen`).toBeLessThanOrEqual(0)
      await shot(`${role}-${look.language}-${look.scheme}-${look.width}-${path.replaceAll(/[/?=]/g, '_')}`)
    }
    expect(sins).toEqual([])
  })
})

async function problemsOf(page: Parameters<typeof signIn>[0]): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`),
    )
}

test('all scripts together are at most 90 kB, packed', () => {
  const folder = join(root, 'console/built/assets')
  const scripts = readdirSync(folder).filter((name) => name.endsWith('.js'))
  const bytes = scripts.map((name) => gzipSync(readFileSync(join(folder, name)), { level: 9 }).length)
  expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(90_000)
})
