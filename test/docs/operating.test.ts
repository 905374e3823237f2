// What docs/operating.md and docs/privacy.md point to is there: sections, other pages, and the commands that they name.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { withTables } from '../../scripts/write-docs.ts'
import { deliveryStates, eventTypes } from '../../src/db/tables.ts'
import { defaultTypes } from '../../src/webhooks/events/types.ts'
import { root } from '../tidy/tree.ts'

const pageOf = (name: string): string => readFileSync(join(root, 'docs', name), 'utf8')
const pages = ['operating.md', 'privacy.md']
const text = pageOf('operating.md')

/** As the usual renderers of Markdown name a heading. */
const anchorOf = (heading: string) =>
  `#${heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} -]/gu, '')
    .replaceAll(' ', '-')}`

const anchorsOf = (page: string): string[] =>
  [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading))

test.each(pages)('links of %s lead to sections and pages that are there', (name) => {
  const links = [...pageOf(name).matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link)
  expect(links.length).toBeGreaterThan(0)
  for (const link of links.filter((one) => !one.startsWith('https:'))) {
    const [page = '', anchor] = link.split('#')
    expect(existsSync(join(root, 'docs', page || name)), link).toBe(true)
    if (anchor !== undefined) expect(anchorsOf(pageOf(page || name)), link).toContain(`#${anchor}`)
  }
})

test.each(pages)('commands that %s names can be typed', (name) => {
  const commands = withTables('<!-- commands:begin -->\n<!-- commands:end -->')
  const named = [...pageOf(name).matchAll(/`(?:\w+=\S+ )?tollgate ([a-z]+(?: [a-z]+)?)/g)]
  expect(named.length).toBeGreaterThan(2)
  for (const [, command = ''] of named) expect(commands, command).toContain(`\`tollgate ${command}`)
})

test('every type of webhook, and what may become of one, is explained to those who receive them', () => {
  const [, section = ''] = text.split(/^## For your customers: webhooks$/m)
  const [webhooks = ''] = section.split(/^## /m)
  for (const word of [...eventTypes, ...deliveryStates]) expect(webhooks, word).toContain(`\`${word}\``)
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  for (const type of defaultTypes) expect(readme, type).toContain(`\`${type}\``)
})
