// Whoever runs the gateway takes on no licence that asks more than naming its authors.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

import { root } from './tidy/tree.ts'

const permissive = [
  'MIT',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'CC0-1.0',
]

interface Locked {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly license?: string }>>
}

const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Locked
const production = Object.entries(lock.packages).filter(([path, { dev }]) => path !== '' && dev !== true)

test('every package that runs in production has a permissive licence', () => {
  expect(production.length).toBeGreaterThan(50)
  const others = production
    .map(([path, { license }]) => [path, installedLicence(path) ?? license] as const)
    .filter(([, licence]) => !isPermissive(licence))
  expect(others).toEqual([])
})

test.each(['GPL-3.0-only', 'AGPL-3.0', 'LGPL-2.1', 'SEE LICENSE IN LICENSE', 'UNLICENSED', '', undefined])(
  'a package under %j would be refused',
  (licence) => expect(isPermissive(licence)).toBe(false),
)

test('a choice may be made, a combination must be borne whole', () => {
  expect(isPermissive('(MIT OR GPL-3.0-only)')).toBe(true)
  expect(isPermissive('(MIT AND GPL-3.0-only)')).toBe(false)
  expect(isPermissive('(MIT AND ISC)')).toBe(true)
})

test('the gateway itself is MIT, and its licence says so', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { license: string }
  expect(manifest.license).toBe('MIT')
  expect(readFileSync(join(root, 'LICENSE'), 'utf8')).toMatch(
    /^MIT License\n\nCopyright \(c\) 2026 The tollgate authors\n/,
  )
})

/** What the package itself says wins over what the lock remembers. */
function installedLicence(path: string): string | undefined {
  const file = join(root, path, 'package.json')
  if (!existsSync(file)) return undefined
  const { license } = JSON.parse(readFileSync(file, 'utf8')) as { license?: string | { type: string } }
  return typeof license === 'object' ? license.type : license
}

function isPermissive(licence: string | undefined): boolean {
  const expression = (licence ?? '').replaceAll(/[()]/g, '')
  return expression
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((name) => permissive.includes(name)))
}
