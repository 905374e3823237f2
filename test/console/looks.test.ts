// Every page in both languages, both schemes and on a phone: accessible, within its policy, and small.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adminToken } from '../support/gateway.ts'
import type { Gateway } from '../support/gateway.ts'
import { root } from '../tidy/tree.ts'
import { problemsOf, settled, signIn, useBrowser, widerThanScreen } from './browser.ts'
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

const looks = (['en', 'zh'] as const).flatMap((language) =>
  (['light', 'dark'] as const).flatMap((scheme) =>
    ([1280, 390] as const).map((width) => ({ language, scheme, width })),
  ),
)

/** Each with its heading in both languages. */
const pages = {
  customer: {
    '/': ['Overview', '概览'],
    '/playground': ['Playground', '体验台'],
    '/tasks': ['Tasks', '任务'],
    '/tasks?view=gallery': ['Tasks', '任务'],
    '/keys': ['Keys', '密钥'],
    '/billing': ['Billing', '账单'],
    '/usage': ['Usage', '用量'],
    '/webhooks': ['Webhooks', 'Webhook'],
  },
  operator: {
    '/': ['Today', '今日'],
    '/tasks': ['Tasks', '任务'],
    '/reconcile': ['Reconcile', '对账'],
    '/accounts': ['Accounts', '账户'],
    '/codes': ['Codes', '兑换码'],
    '/report': ['Report', '报表'],
    '/models': ['Models', '模型'],
    '/upstream': ['Upstream', '上游'],
    '/alerts': ['Alerts', '告警'],
    '/audit': ['Audit', '审计'],
    '/system': ['System', '系统'],
  },
} as const

describe.each(looks)('$language, $scheme, $width pixels wide', (look) => {
  test.each(['customer', 'operator'] as const)('every page of the %s', async (role) => {
    const { page, sins, shot } = await visit(gateway.url, look)
    await page.goto(`${gateway.url}/console`)
    await page.locator('input[name=secret]').waitFor()
    expect(await problemsOf(page), 'sign-in').toEqual([])
    await signIn(page, gateway.url, role === 'customer' ? filled.customer.key : adminToken)
    const examine = async (name: string, path: string) => {
      expect(await problemsOf(page), path).toEqual([])
      expect(await widerThanScreen(page), `${path} is wider than the screen`).toBeLessThanOrEqual(0)
      await shot(`${role}-${look.language}-${look.scheme}-${look.width}-${name}`)
    }
    for (const [path, [english, chinese]] of Object.entries(pages[role])) {
      await page.goto(`${gateway.url}/console${path}`)
      const name = look.language === 'en' ? english : chinese
      await page.getByRole('heading', { level: 1, name, exact: true }).waitFor()
      await settled(page)
      await examine(path.replaceAll(/[/?=]/g, '_'), path)
    }
    const own = role === 'customer' ? [] : [`/accounts/${filled.customer.accountId}`]
    for (const path of [...own, `/tasks/${filled.made}`, `/tasks/${filled.failed}`]) {
      await page.goto(`${gateway.url}/console${path}`)
      if (path.startsWith('/tasks')) await page.getByRole('dialog').waitFor()
      await settled(page)
      await examine(
        path === `/tasks/${filled.made}` ? '_made' : path.startsWith('/tasks') ? '_failed' : '_account',
        path,
      )
    }
    await page.keyboard.press('Control+k')
    await page.locator('[role=combobox]').waitFor()
    await examine('_palette', 'the palette')
    expect(sins).toEqual([])
  })
})

test('all scripts together are at most 90 kB, packed', () => {
  const folder = join(root, 'console/built/assets')
  const scripts = readdirSync(folder).filter((name) => name.endsWith('.js'))
  const bytes = scripts.map((name) => gzipSync(readFileSync(join(folder, name)), { level: 9 }).length)
  expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(90_000)
})
