// The console's pages as they are served: to any address of theirs, with a policy that runs no text, and files that last.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { quickYaml, startGateway } from '../../support/gateway.ts'
import type { Gateway } from '../../support/gateway.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway({ yaml: `${quickYaml}\nreporting: { time_zone: Asia/Shanghai }\n` })
})
afterAll(async () => await gateway.stop())

const page = async (path: string) => await gateway.call('GET', path)
const filesOf = (text: string): string[] =>
  [...text.matchAll(/(?:src|href)="([^"]*assets\/[^"]+)"/g)].map(([, file = '']) => file)

test.each(['/console', '/console/', '/console/tasks', '/console/tasks/task_1?status=4', '/console/a/b/c'])(
  '%s is the page, and its files are found from there',
  async (path) => {
    const { status, text, headers } = await page(path)
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    expect(headers.get('cache-control')).toBe('no-cache')
    const files = filesOf(text)
    expect(files.length).toBeGreaterThanOrEqual(2)
    for (const file of files) {
      const url = new URL(file, `${gateway.url}${path}`)
      expect(url.pathname).toMatch(/^\/console\/assets\//)
      const asset = await page(url.pathname)
      expect(asset.status).toBe(200)
      expect(asset.headers.get('cache-control')).toContain('immutable')
      expect(asset.headers.get('x-content-type-options')).toBe('nosniff')
    }
  },
)

test('a page counts its days as the gateway does', async () => {
  expect((await page('/console')).text).toContain('name="time-zone" content="Asia/Shanghai"')
})

test('no text becomes a script, and no other host is asked', async () => {
  const policy = (await page('/console')).headers.get('content-security-policy') ?? ''
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("script-src 'self';")
  expect(policy).toContain("connect-src 'self';")
  expect(policy).toContain("require-trusted-types-for 'script'")
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).not.toContain('unsafe')
})

test('a file is not sent again to whoever has it, and is packed for whoever can unpack it', async () => {
  const [file = ''] = filesOf((await page('/console/')).text)
  const path = new URL(file, `${gateway.url}/console/`).pathname
  const { headers } = await page(path)
  const etag = headers.get('etag') ?? ''
  const again = await gateway.call('GET', path, { headers: { 'if-none-match': etag } })
  expect([again.status, again.text]).toEqual([304, ''])
  const packed = await gateway.call('GET', path, { headers: { 'accept-encoding': 'gzip' } })
  expect([packed.status, packed.headers.get('content-encoding')]).toEqual([200, 'gzip'])
})

test.each([
  '/console/assets/none.js',
  '/console/assets/..%2Findex.html',
  '/console/assets/%2e%2e/%2e%2e/package.json',
  '/console/assets',
  '/console/api/v1/nothing',
  '/console/admin/v1/nothing',
])('%s is none, and says so to programs', async (path) => {
  const { status, headers } = await page(path)
  expect([status, headers.get('content-type')]).toEqual([404, 'application/json; charset=utf-8'])
})
