// What a URL alone gives away: its shape, its port, and a host that cannot be public in any spelling.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { isPublicAddress } from '../../src/net/address.ts'
import { createUrlCheck } from '../../src/net/url.ts'
import { elsewhere, loopback, noHosts, open } from './spellings.ts'

const check = createUrlCheck({ allowHosts: [] })

test.each([...loopback, ...elsewhere])('the host %s is refused as no public one', (host) => {
  for (const url of [`http://${host}/`, `https://${host}/hook?a=1`, `HTTP://${host}:8080`]) {
    expect(check(url)?.en, url).toContain('is no public address')
    expect(check(url)?.zh, url).toContain('不是公网地址')
  }
})

test.each(noHosts)('the host %s is refused', (host) => {
  expect(check(`http://${host}/`)).not.toBeNull()
})

test.each(open)('the host %s is taken', (host) => {
  expect(check(`http://${host}/`)).toBeNull()
  expect(check(`https://${host}:8443/a?b#c`)).toBeNull()
})

test.each([
  '',
  'example.com',
  '//example.com',
  'ftp://example.com',
  'file:///etc/passwd',
  'gopher://example.com',
  'javascript:alert(1)',
  'data:text/plain,a',
  'http:example.com',
  'http:/example.com',
  'http:///example.com',
  'http:\\\\example.com',
  'http://example.com\\@127.0.0.1/',
  'http://exa mple.com',
  ' http://example.com',
  'http://example.com/\n',
  'http://example.com/\u0001',
  'http://example.com/\u007f',
  'http://example.com/\ud83e',
])('%j has not the shape of a URL', (url) => {
  expect(check(url)?.en).toContain('must be a URL that starts with http:// or https://')
})

test('a user name or a password is refused, and not repeated', () => {
  for (const url of [
    'https://user:hunter2@example.com/',
    'https://hunter2@example.com/',
    'https://:hunter2@example.com/',
  ]) {
    expect(check(url)?.en).toBe('must not hold a user name or password')
  }
})

test('a URL is at most 2048 characters long', () => {
  const url = (length: number) => 'https://example.com/'.padEnd(length, 'a')
  expect(check(url(2048))).toBeNull()
  expect(check(url(2049))?.en).toContain('at most 2048 characters; this URL has 2049')
})

test.each(['80', '443', '1024', '8080', '8443', '65535', ''])('port %s is taken', (port) => {
  expect(check(`http://example.com:${port}/`)).toBeNull()
  expect(check(`https://example.com:${port}/`)).toBeNull()
})

test.each(['0', '1', '22', '25', '53', '81', '444', '1023', '2049', '6000', '6667', '10080'])(
  'port %s is refused',
  (port) => {
    expect(check(`http://example.com:${port}/`)?.en).toContain(`port ${port} is not for HTTP`)
  },
)

describe('network.allow_hosts', () => {
  const opened = createUrlCheck({
    allowHosts: ['files.internal', '10.0.0.5', '::1', '0x7f.2', 'FD00:0:0:0:0:0:0:9', 'hooks'],
  })

  test.each([
    'http://files.internal/',
    'http://FILES.internal.:25/',
    'https://10.0.0.5:9000/a',
    'http://0xa.5/',
    'http://[::1]:3000/',
    'http://[0:0::1]/',
    'http://127.0.0.2/',
    'http://[fd00::9]/',
    'http://hooks:6667/',
  ])('opens %s, on any port', (url) => {
    expect(opened(url)).toBeNull()
    expect(check(url)).not.toBeNull()
  })

  test.each([
    'http://a.files.internal/',
    'http://files.internal.internal/',
    'http://xfiles.internal/',
    'http://10.0.0.6/',
    'http://[::2]/',
    'http://127.0.0.1/',
    'http://localhost/',
    'http://[::ffff:10.0.0.5]/',
    'http://user@files.internal/',
    'ftp://files.internal/',
  ])('does not open %s', (url) => {
    expect(opened(url)).not.toBeNull()
  })
})

test('an address is judged the same in every notation', () => {
  const hex = (value: number) => `0x${value.toString(16)}`
  const octal = (value: number) => `0${value.toString(8)}`
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffffffff }), (value) => {
      const [a, b, c, d] = [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]
      const isRefused = !isPublicAddress(`${a}.${b}.${c}.${d}`)
      const spellings = [
        String(value),
        hex(value),
        octal(value),
        `${a}.${value & 0xffffff}`,
        `${hex(a)}.${octal(b)}.${value & 0xffff}`,
        `${octal(a)}.${b}.${hex(c)}.${d}.`,
        `${a}%2e${b}。${c}\uff0e${d}`,
      ]
      for (const host of spellings) expect(check(`http://${host}/`) !== null, host).toBe(isRefused)
      const [high, low] = [(value >>> 16).toString(16), (value & 0xffff).toString(16)]
      for (const prefix of ['::', '::ffff:', '::ffff:0:', '64:ff9b::', '64:ff9b:1::', '2002:', '2001:0:'])
        expect(check(`http://[${prefix}${high}:${low}${prefix.startsWith('2') ? '::' : ''}]/`)).not.toBeNull()
    }),
  )
})

test('an origin opens its own scheme, host and port alone', () => {
  const opened = createUrlCheck({ allowHosts: [], origins: ['http://127.0.0.1:4000/v1'] })
  expect(opened('http://127.0.0.1:4000/media/a.png')).toBeNull()
  for (const url of [
    'http://127.0.0.1:4001/',
    'https://127.0.0.1:4000/',
    'http://127.0.0.2:4000/',
    'http://localhost:4000/',
    'http://a@127.0.0.1:4000/',
  ]) {
    expect(opened(url), url).not.toBeNull()
  }
})

test('a long host is cut where it is repeated', () => {
  expect(check(`http://${'a'.repeat(60)}.${'b'.repeat(60)}.local/`)?.en.length).toBeLessThan(250)
})

test('what is no address is not a public one', () => {
  for (const text of [
    '',
    'example.com',
    '127.1',
    '8.8.8',
    '0x08080808',
    '2606:4700::1%eth0',
    '::ffff:8.8.8.8',
  ])
    expect(isPublicAddress(text), text).toBe(false)
})
