// What an operator sees of its upstreams and models, in a real browser: a day of answers, errors explained, and what a reload would change.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminToken, until } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'
import { signIn, useBrowser } from './browser.ts'
import { startConsole } from './gateway.ts'

const visit = useBrowser()
let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  gateway = await startConsole()
  customer = await gateway.customer(1_000)
  gateway.sandbox.script('submit', { kind: 'status', status: 503, body: { code: 503, msg: 'busy' } })
  await order()
  await until(
    async () => (await gateway.operator('GET', '/upstreams/health')).json.data.upstreams[0],
    ({ accepted, failing }) => accepted > 0 && failing > 0,
  )
})
afterAll(async () => await gateway.stop())

const order = async () => {
  const body = { model_id: 'gpt-image-2', prompt: 'a heron' }
  await customer.ended((await customer.create(body)).json.data.task_id)
}

test.each(['en', 'zh'] as const)(
  '%s: a day of answers, and what an error means and asks for',
  async (language) => {
    const { page, sins, shot } = await visit(gateway.url, { language })
    await signIn(page, gateway.url, adminToken)
    const says = language === 'en' ? /1 good answers, 0 with 429, 1 failing/ : /正常应答 1,429 0,异常 1/
    await page.getByRole('img', { name: says }).waitFor()
    await shot(`today-${language}`)
    await page.goto(`${gateway.url}/console/upstream`)
    await page
      .getByText(language === 'en' ? /sent again only as submit\.ambiguous/ : /submit\.ambiguous 的设置重发/)
      .waitFor()
    await page.getByText('HTTP 503').first().waitFor()
    await shot(`upstream-${language}`)
    expect(sins).toEqual([])
  },
)

test('at 390 px the table keeps what matters', async () => {
  const { page, sins, shot } = await visit(gateway.url, { width: 390, scheme: 'dark' })
  await signIn(page, gateway.url, adminToken)
  await page.goto(`${gateway.url}/console/upstream`)
  await page.getByRole('columnheader', { name: 'Median / p95' }).waitFor()
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
  await shot('upstream-390')
  expect(sins).toEqual([])
})

test('models say how long their works took', async () => {
  const { page, sins, shot } = await visit(gateway.url)
  await signIn(page, gateway.url, adminToken)
  await page.goto(`${gateway.url}/console/models`)
  const row = page.getByRole('row', { name: /gpt-image-2/ })
  await row.getByText(/^\d+ s \/ \d+ s$/).waitFor()
  await shot('models-took')
  expect(sins).toEqual([])
})

test('what the file would change is shown before it is put into force', async () => {
  const { page, sins, shot } = await visit(gateway.url)
  const file = join(gateway.folder, 'tollgate.yaml')
  await signIn(page, gateway.url, adminToken)
  await page.goto(`${gateway.url}/console/models`)
  writeFileSync(
    file,
    `${readFileSync(file, 'utf8')}\nplans: { gold: { price_times: { gpt-image-2: 0.5 } } }\n`,
  )
  await page.getByRole('button', { name: 'Reload the file' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('plans', { exact: true }).waitFor()
  await shot('reload')
  expect(gateway.app.ctx.catalog.current.plans).toEqual([])
  await dialog.getByRole('button', { name: 'Put into force' }).click()
  await dialog.getByText(/was read: \d+ models/).waitFor()
  expect(gateway.app.ctx.catalog.current.plans).toEqual(['gold'])
  expect(sins).toEqual([])
})
