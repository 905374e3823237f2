// What agents read: true to the live catalogue, with URLs that work, and a digest that fits.
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { errorTypes } from '../../../../src/errors.ts'
import { quickYaml, startGateway } from '../../../support/gateway.ts'
import type { Gateway } from '../../../support/gateway.ts'

const models = (price: number) => `
models:
  painter:
    name: "Painter | of *odd* names"
    aliases: [gpt-image-1]
    price: { credits: ${price}, times: { resolution: { 4K: 2 } } }
    routes: [{ upstream: keevx, operation: image_generate, params: { module: pro } }]
`
const publicUrl = 'https://shop.example/gate'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway({ yaml: quickYaml + models(7), env: { PUBLIC_URL: publicUrl } })
})
afterAll(async () => await gateway.stop())

const page = async (path: string, headers: Record<string, string> = {}) =>
  await gateway.call('GET', path, { headers })
const frontMatter = (text: string): any => parse(/^---\n([\s\S]*?)\n---\n/.exec(text)?.[1] ?? '')
const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`

test('/skill.md begins with a head that says when to use it, in block style', async () => {
  const { status, headers, text } = await page('/skill.md')
  expect([status, headers.get('content-type')]).toEqual([200, 'text/markdown; charset=utf-8'])
  const { name, description, license, compatibility, metadata, ...others } = frontMatter(text)
  expect([name, license, others]).toEqual(['tollgate', 'MIT', {}])
  expect(description).toMatch(/Use when/)
  expect(description.length).toBeLessThanOrEqual(1_024)
  expect(compatibility.length).toBeLessThanOrEqual(500)
  expect(metadata).toEqual({ version: expect.any(String), docs: `${publicUrl}/docs.md` })
  expect(/^---\n([\s\S]*?)\n---\n/.exec(text)?.[1]).not.toMatch(/[{[]/)
})

test('it leads through an order, a wait, a download, an upload and every kind of refusal', async () => {
  const { text } = await page('/skill.md')
  const parts = [
    `${publicUrl}/api/v1/tasks/create`,
    `${publicUrl}/api/v1/tasks/TASK_ID?wait=30`,
    `${publicUrl}/api/v1/files`,
    'Idempotency-Key',
    'result_expires_at',
    ...errorTypes.filter((type) => type !== 'too_late').map((type) => `\`${type}\``),
  ]
  for (const part of parts) expect(text).toContain(part)
})

test('the index has the digest of the very bytes that its URL leads to', async () => {
  const { headers, json } = await page('/.well-known/agent-skills/index.json')
  expect(headers.get('content-type')).toMatch(/^application\/json/)
  expect(json.$schema).toBe('https://schemas.agentskills.io/discovery/0.2.0/schema.json')
  const [skill, ...more] = json.skills
  expect([skill.name, skill.type, more]).toEqual(['tollgate', 'skill-md', []])
  const { href } = new URL(skill.url, `${publicUrl}/.well-known/agent-skills/index.json`)
  expect(href).toBe(`${publicUrl}/skill.md`)
  const { text } = await page('/skill.md')
  expect(skill.digest).toBe(digestOf(text))
  expect(skill.description).toBe(frontMatter(text).description)
  expect((await page('/.well-known/agent-skills/tollgate/SKILL.md')).text).toBe(text)
})

test.each(['/skill.md', '/docs.md', '/llms.txt'])(
  '%s names what is on sale, and no other host',
  async (path) => {
    const { text, status } = await page(path)
    expect([status, text]).toEqual([200, expect.stringContaining('painter')])
    const urls = text.match(/https?:\/\/[^\s)`"|]+/g) ?? []
    expect(urls.length).toBeGreaterThan(3)
    expect(urls.filter((url) => !url.startsWith(publicUrl))).toEqual([])
  },
)

test.each(['/skill.md', '/docs.md'])(
  '%s has prices and values, and a name that breaks no table',
  async (path) => {
    const { text } = await page(path)
    expect(text).toContain('7 credits an image; ×2 at 4K')
    expect(text).toContain(String.raw`Painter \| of \*odd\* names`)
    expect(text).toMatch(/- `resolution`: 1K, 2K, 4K; default \w+/)
  },
)

test('/llms.txt has the form that its readers know', async () => {
  const { text } = await page('/llms.txt')
  expect(text).toMatch(/^# .+\n\n> .+\n/)
  const links = text.split('\n').filter((line) => line.startsWith('- '))
  for (const line of links) expect(line).toMatch(/^- \[.+\]\(https:\S+\)(?:: .+)?$/)
  expect(text).toContain(`${publicUrl}/mcp`)
})

test('what has not changed is not sent again; a reload of the catalogue changes it', async () => {
  const paths = ['/skill.md', '/docs.md', '/.well-known/agent-skills/index.json']
  const before = await Promise.all(paths.map((path) => page(path)))
  const etags = before.map(({ headers }) => headers.get('etag') ?? '')
  const again = await Promise.all(paths.map((path, at) => page(path, { 'if-none-match': etags[at] ?? '' })))
  expect(again.map(({ status, text }) => [status, text])).toEqual(paths.map(() => [304, '']))
  writeFileSync(join(gateway.folder, 'tollgate.yaml'), quickYaml + models(9))
  expect((await gateway.operator('POST', '/models/reload')).status).toBe(200)
  const after = await Promise.all(paths.map((path, at) => page(path, { 'if-none-match': etags[at] ?? '' })))
  expect(after.map(({ status }) => status)).toEqual([200, 200, 200])
  expect(after[0]?.text).toContain('9 credits an image')
  expect(after[2]?.json.skills[0].digest).toBe(digestOf(after[0]?.text ?? ''))
})

test('without PUBLIC_URL the URLs are those of the reader; it can be switched off', async () => {
  const here = await startGateway({ yaml: `${quickYaml}surfaces: { mcp: false }` })
  try {
    const { text } = await here.call('GET', '/skill.md')
    expect(text).toContain(`${here.url}/api/v1/tasks/create`)
    expect(text).not.toContain('/mcp')
  } finally {
    await here.stop()
  }
  const off = await startGateway({ yaml: `${quickYaml}surfaces: { skill: false }` })
  try {
    for (const path of ['/skill.md', '/docs.md', '/llms.txt', '/.well-known/agent-skills/index.json'])
      expect((await off.call('GET', path)).status).toBe(404)
  } finally {
    await off.stop()
  }
})
