// What docs/operating.md points to is there: its own sections, other pages, and the commands that it names.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { withTables } from '../../scripts/write-docs.ts'
import { deliveryStates, eventTypes } from '../../src/db/tables.ts'
import { defaultTypes } from '../../src/webhooks/events/types.ts'
import { root } from '../tidy/tree.ts'

const text = readFileSync(join(root, 'docs/operating.md'), 'utf8')

/** As the usual renderers of Markdown name a heading. */
const anchorOf = (heading: string) =>
  `#${heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} -]/gu, '')
    .replaceAll(' ', '-')}`

test('links lead to sections and pages that are there', () => {
  const anchors = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading))
  const links = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link)
  expect(links.length).toBeGreaterThan(10)
  for (const link of links.filter((one) => !one.startsWith('https:'))) {
    const isThere = link.startsWith('#') ? anchors.includes(link) : existsSync(join(root, 'docs', link))
    expect(isThere, link).toBe(true)
  }
})

test('commands that it names can be typed', () => {
  const commands = withTables('<!-- commands:begin -->\n<!-- commands:end -->')
  const named = [...text.matchAll(/`(?:\w+=\S+ )?tollgate ([a-z]+(?: [a-z]+)?)/g)].map(([, name = '']) => name)
  expect(named.length).toBeGreaterThan(8)
  for (const name of named) expect(commands, name).toContain(`\`tollgate ${name}`)
})

test('every type of webhook, and what may become of one, is explained to those who receive them', () => {
  const [, section = ''] = text.split(/^## For your customers: webhooks$/m)
  const [webhooks = ''] = section.split(/^## /m)
  for (const word of [...eventTypes, ...deliveryStates]) expect(webhooks, word).toContain(`\`${word}\``)
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  for (const type of defaultTypes) expect(readme, type).toContain(`\`${type}\``)
})
