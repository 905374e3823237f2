// Which addresses lie in which networks, however either is written.
import { expect, test } from 'vitest'
import { isWithin } from '../../src/net/networks.ts'

test.each([
  ['203.0.113.7', ['203.0.113.0/24'], true],
  ['203.0.114.7', ['203.0.113.0/24'], false],
  ['203.0.113.7', ['203.0.113.7'], true],
  ['203.0.113.8', ['203.0.113.7'], false],
  ['203.0.113.7', ['10.0.0.0/8', '203.0.113.7/32'], true],
  ['::ffff:203.0.113.7', ['203.0.113.0/24'], true],
  ['::ffff:cb00:7107', ['203.0.113.7'], true],
  ['203.0.113.7', ['::ffff:203.0.113.0/120'], true],
  ['203.0.114.7', ['::ffff:203.0.113.0/120'], false],
  ['203.0.113.7', ['::ffff:203.0.113.7'], true],
  ['203.0.113.7', ['::/0'], false],
  ['2001:db8::7', ['2001:db8::/32'], true],
  ['2001:DB8:0:0::7', ['2001:db8::7'], true],
  ['2001:db9::7', ['2001:db8::/32'], false],
  ['2001:db8::7', ['0.0.0.0/0'], false],
  ['1.2.3.4', ['0.0.0.0/0'], true],
  ['unknown', ['0.0.0.0/0', '::/0'], false],
  ['203.0.113.7', [], false],
])('%s in %j: %s', (ip, networks, is) => {
  expect(isWithin(ip, networks)).toBe(is)
})
