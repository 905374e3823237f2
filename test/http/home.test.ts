// The address of the gateway itself: a way to the console, or the public page that the operator wants.
import { expect, test } from 'vitest'
import { quickYaml, startGateway } from '../support/gateway.ts'

const hostile = `
models:
  hostile:
    name: '<img src=x onerror=alert(1)>"&'
    capability: "text</td><script>alert(2)</script>"
    price: { credits: 3 }
    routes: [{ upstream: keevx, operation: image_generate, params: { module: std } }]
`

test('leads to the console, which search engines are kept from', async () => {
  const gateway = await startGateway()
  try {
    const { status, headers } = await fetch(`${gateway.url}/`, { redirect: 'manual' })
    expect([status, headers.get('location')]).toEqual([302, 'console'])
    expect(headers.get('cache-control')).toBe('no-cache')
    expect((await fetch(`${gateway.url}/`)).url).toBe(`${gateway.url}/console`)
    expect((await gateway.call('GET', '/robots.txt')).text).toBe('User-agent: *\nDisallow: /\n')
  } finally {
    await gateway.stop()
  }
})

test('is a public page where the operator wants one: models with prices, in both languages, as text', async () => {
  const brand = "brand: { name: '<i>Shop</i>', buy_url: 'https://shop.example/credits' }\n"
  const shop = await startGateway({ yaml: `${quickYaml}console: { home: public }\n${brand}${hostile}` })
  try {
    const { text, headers, status } = await shop.call('GET', '/')
    expect([status, headers.get('cache-control'), headers.get('vary')]).toEqual([
      200,
      'no-cache',
      'accept-language, accept-encoding',
    ])
    for (const shown of [
      '<h1>&lt;i&gt;Shop&lt;/i&gt;</h1>',
      '3 credits an image',
      'href="/console"',
      'href="/docs"',
    ])
      expect(text).toContain(shown)
    expect(text).toContain('&lt;img src=x onerror=alert(1)&gt;&quot;&amp;')
    expect(text).toContain('href="https://shop.example/credits"')
    expect(text).not.toMatch(/<i>|<img|<script(?! src="\/docs\/page\.js">)/)
    expect(headers.get('content-security-policy')).toContain("script-src 'self'")
    const chinese = await shop.call('GET', '/', { headers: { 'accept-language': 'zh' } })
    expect(chinese.text).toContain('模型与价格')
    expect(chinese.text).toContain('每张图片 3 积分')
    const head = await fetch(`${shop.url}/`, { method: 'HEAD' })
    expect([head.status, head.headers.get('etag'), await head.text()]).toEqual([200, headers.get('etag'), ''])
    const again = await shop.call('GET', '/', { headers: { 'if-none-match': headers.get('etag') ?? '' } })
    expect([again.status, again.text]).toEqual([304, ''])
    expect((await shop.call('GET', '/robots.txt')).text).toMatch(
      /Allow: \/\$\n[^]*Allow: \/docs\n[^]*Disallow: \/\n$/,
    )
  } finally {
    await shop.stop()
  }
})
