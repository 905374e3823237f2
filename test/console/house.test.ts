// What an operator sees of the gateway itself, in a real browser: setup, configuration in force, rules and receivers of alerts.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminToken, quickYaml, startGateway, until } from '../support/gateway.ts'
import type { Gateway } from '../support/gateway.ts'
import { signIn, useBrowser } from './browser.ts'

const visit = useBrowser()
const chat = 'https://chat.example/hooks/canary-4a8a08f09d37b737'
let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway({
    yaml: `${quickYaml}
alerts:
  receivers: { night: { type: slack, url: "${chat}" } }
  rules: { disk: { below: 999999GB }, day_report: false }
`,
  })
})
afterAll(async () => await gateway.stop())

test('System says what runs, what the setup lacks, and the configuration in force without secrets', async () => {
  const { page, sins } = await visit(gateway.url)
  await signIn(page, gateway.url, adminToken)
  await page.getByRole('link', { name: 'System', exact: true }).first().click()
  await page.getByText(`PID ${process.pid}`).waitFor()
  await page.getByText('Last backup', { exact: true }).waitFor()
  await page.getByText('PUBLIC_URL', { exact: true }).waitFor()
  await page.getByText('low_balance', { exact: true }).click()
  await page.getByText('"off"', { exact: true }).waitFor()
  await page.getByText('alerts', { exact: true }).last().click()
  await page.getByText('"per_hour"').waitFor()
  expect(await page.content()).not.toContain('canary-4a8a08f09d37b737')
  expect(sins).toEqual([])
})

test('Alerts names rules with their settings and receivers, and a firing one leads to where it is mended', async () => {
  await until(
    async () => (await gateway.operator('GET', '/alerts?state=firing')).json.data.alerts,
    (alerts) => alerts.length > 0,
  )
  const { page, sins } = await visit(gateway.url)
  await signIn(page, gateway.url, adminToken)
  await page.getByRole('link', { name: 'Alerts', exact: true }).first().click()
  await page.getByText('night', { exact: true }).waitFor()
  await page.getByText('below: 999999GB').waitFor()
  await page.getByText('day_report').waitFor()
  await page.getByText('Off', { exact: true }).waitFor()
  await page.getByRole('link', { name: /disk/i }).first().click()
  await page.getByRole('heading', { level: 1, name: 'System' }).waitFor()
  expect(sins).toEqual([])
})
