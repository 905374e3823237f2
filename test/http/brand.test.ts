// The operator's brand: on every page and in every document, by a reload, and as an image that cannot run.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { colorsOf, contrast } from '../../src/http/brand/colors.ts'
import { quickYaml, startGateway } from '../support/gateway.ts'
import type { Gateway } from '../support/gateway.ts'
import { manualClock } from '../support/clock.ts'

const settings = `${quickYaml.replace('catalog: keevx', 'catalog: open-api')}surfaces: { keevx: false }\n`
const clock = manualClock(Date.parse('2026-11-30T12:00:00Z'))
const svg =
  '<?xml version="1.0"?><!-- ours --><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
const brandYaml = `
brand:
  name: { en: 'Pixel <b>Shop</b>', zh: 像素商店 }
  logo: logo.svg
  color: "#FC0"
  links: [{ text: Terms, url: "https://shop.example/terms" }]
  footer: Made by hand
  notice: { text: { en: Closed at noon, zh: 中午停机 }, level: warning, from: 2026-11-30T00:00Z, to: 2026-12-01T00:00Z }
  buy_url: https://shop.example/credits
  buy_text: { en: Top up, zh: 充值 }
`

let gateway: Gateway
const page = async (path: string, headers: Record<string, string> = {}) =>
  await gateway.call('GET', path, { headers })
async function reloadWith(yaml: string) {
  writeFileSync(join(gateway.folder, 'tollgate.yaml'), `${settings}${yaml}`)
  return await gateway.operator('POST', '/models/reload')
}

/** Where a text names the software or the upstream, with what stands around; the header is the contract's. */
const productNames = (text: string) =>
  text.replaceAll(/x-tollgate-sandbox/gi, '').match(/.{0,60}(?:tollgate|keevx).{0,30}/gi) ?? []

beforeAll(async () => {
  gateway = await startGateway({ clock, yaml: settings })
  writeFileSync(join(gateway.folder, 'logo.svg'), svg)
})
afterAll(async () => await gateway.stop())

test('without a brand the gateway has its own name, and nothing else', async () => {
  const { json } = await page('/api/v1/brand')
  const own = { en: 'tollgate', zh: 'tollgate' }
  expect(json).toEqual({
    code: 200,
    msg: 'ok',
    data: {
      name: own,
      logo_url: null,
      color: null,
      links: [],
      footer: null,
      notice: null,
      buy_url: null,
      buy_text: null,
    },
  })
  expect((await page('/brand/logo')).status).toBe(404)
  const { paths } = (await page('/openapi.json')).json
  const isOpen = ([, methods]: [string, any]) =>
    Object.values<any>(methods).some((one) => one.security.length === 0)
  expect(
    Object.entries(paths)
      .filter(isOpen)
      .map(([path]) => path),
  ).toEqual(['/api/v1/brand'])
  expect((await page('/openapi.json')).json.info.title).toBe('tollgate')
})

test('a reload brings the brand to every page and document; a wrong one changes nothing', async () => {
  expect((await reloadWith(brandYaml)).json.data).toMatchObject({ ignored: [], problems: [] })
  const answer = await page('/api/v1/brand')
  const { data } = answer.json
  expect(data).toEqual({
    name: { en: 'Pixel <b>Shop</b>', zh: '像素商店' },
    logo_url: `${gateway.url}/brand/logo?v=${data.logo_url.split('=')[1]}`,
    color: colorsOf('#ffcc00'),
    links: [{ text: { en: 'Terms', zh: 'Terms' }, url: 'https://shop.example/terms' }],
    footer: { en: 'Made by hand', zh: 'Made by hand' },
    notice: {
      text: { en: 'Closed at noon', zh: '中午停机' },
      level: 'warning',
      from: Date.parse('2026-11-30') / 1000,
      to: Date.parse('2026-12-01') / 1000,
    },
    buy_url: 'https://shop.example/credits',
    buy_text: { en: 'Top up', zh: '充值' },
  })
  const docs = (await page('/docs')).text
  expect(docs).toContain('<strong>Pixel &lt;b&gt;Shop&lt;/b&gt;</strong>')
  for (const shown of ['Closed at noon', 'Made by hand', 'https://shop.example/terms', '/brand/logo?v='])
    expect(docs).toContain(shown)
  expect(docs).toContain('claude mcp add --transport http pixel-b-shop-b ')
  expect((await page('/docs/style.css')).text).toContain(data.color.on_light)
  expect((await page('/openapi.json')).json.info.title).toBe('Pixel <b>Shop</b>')
  expect((await page('/docs/reference/')).text).toContain('Shop')
  for (const path of ['/skill.md', '/llms.txt', '/docs.md', '/docs', '/docs/reference/', '/openapi.json'])
    expect([path, productNames((await page(path)).text)]).toEqual([path, []])
  expect((await page('/skill.md')).text).toContain('name: pixel-b-shop-b\n')
  expect((await page('/skill.md')).text).toContain('$PIXEL_B_SHOP_B_API_KEY')
  expect((await page('/.well-known/agent-skills/pixel-b-shop-b/SKILL.md')).status).toBe(200)
  expect((await page('/.well-known/agent-skills/tollgate/SKILL.md')).status).toBe(404)

  writeFileSync(join(gateway.folder, 'no-logo.png'), 'GIF89a')
  const wrong = await reloadWith('brand: { name: Other, logo: no-logo.png }\n')
  expect(wrong.status).toBe(422)
  expect(wrong.json.error.message).toContain('brand.logo: no-logo.png is no PNG, JPEG, WebP or SVG')
  expect((await page('/api/v1/brand')).text).toBe(answer.text)
})

test('an answer that the page has is not sent again, until the notice is over', async () => {
  const first = await page('/api/v1/brand')
  const etag = first.headers.get('etag') ?? ''
  const again = await page('/api/v1/brand', { 'if-none-match': `"other", W/${etag}` })
  expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', etag])
  clock.advance(12 * 60 * 60_000)
  const later = await page('/api/v1/brand', { 'if-none-match': etag })
  expect([later.status, later.json.data.notice]).toEqual([200, null])
  expect((await page('/docs')).text).not.toContain('Closed at noon')
})

test('the logo is an image that runs nothing, and is kept for as long as it is this one', async () => {
  const { logo_url: url } = (await page('/api/v1/brand')).json.data
  const logo = await page(url.slice(gateway.url.length))
  expect(Object.fromEntries(logo.headers)).toMatchObject({
    'content-type': 'image/svg+xml',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    'cache-control': 'public, max-age=31536000, immutable',
  })
  expect(logo.text).toBe(svg)
  const plain = await page('/brand/logo?v=older')
  expect(plain.headers.get('cache-control')).toBe('no-cache')
  const known = await page('/brand/logo', { 'if-none-match': plain.headers.get('etag') ?? '' })
  expect([known.status, known.text]).toEqual([304, ''])
})

test('MCP, models and refusals bear the brand, in the language of who asks', async () => {
  const customer = await gateway.customer(1)
  const begin = {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'test', version: '1' },
  }
  const headers = { accept: 'application/json, text/event-stream' }
  const body = { jsonrpc: '2.0', id: 1, method: 'initialize', params: begin }
  const mcp = await gateway.call('POST', '/mcp', { key: customer.key, body, headers })
  expect(mcp.text).toContain('"name":"pixel-b-shop-b","title":"Pixel <b>Shop</b>"')
  const { json } = await gateway.call('GET', '/v1/models/gpt-image-2', { key: customer.key })
  expect(json.owned_by).toBe('pixel-b-shop-b')
  const order = { model_id: 'gpt-image-2', prompt: 'a garden' }
  const refused = await customer.create(order, { 'accept-language': 'zh' })
  expect(refused.json.error).toMatchObject({ buy_url: 'https://shop.example/credits', buy_text: '充值' })
  expect(refused.json.msg).toContain('充值: https://shop.example/credits')
  const made = await gateway.operator('POST', `/accounts/${customer.accountId}/keys`, {
    name: 'play',
    test: true,
  })
  const { key } = made.json.data
  const plays = await gateway.call('GET', '/api/v1/brand', { key })
  expect(plays.json.data).toMatchObject({ name: { zh: '像素商店' }, buy_url: null, buy_text: null })
})

test('whatever the accent, its text and its shades can be read', () => {
  for (const light of ['00', '40', '77', '80', 'c0', 'ff'])
    for (const other of ['00', '55', '76', '99', 'ff'])
      for (const accent of [
        `#${light}${other}${other}`,
        `#${other}${light}${other}`,
        `#${other}${other}${light}`,
      ]) {
        const { text, on_light, on_dark } = colorsOf(accent)
        expect(contrast(accent, text)).toBeGreaterThan(4.5)
        for (const surface of ['#ffffff', '#fafaf9', '#f5f5f4'])
          expect(contrast(on_light, surface)).toBeGreaterThanOrEqual(4.5)
        for (const surface of ['#0c0a09', '#151312', '#1e1b19'])
          expect(contrast(on_dark, surface)).toBeGreaterThanOrEqual(4.5)
      }
  // By WCAG's own examples, and an accent that needs no change stays as it is.
  expect([contrast('#000000', '#ffffff'), contrast('#777777', '#ffffff').toFixed(2)]).toEqual([21, '4.48'])
  expect(colorsOf('#4338ca').on_light).toBe('#4338ca')
})
