// The operators section: a hash for each, a name that the audit has for nobody else, and no word of a pasted token.
import { expect, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { directoryWith, problemsOf } from './workspace.ts'

const hash = 'ab'.repeat(32)
const load = (operators: string) => {
  const cwd = directoryWith({ 'tollgate.yaml': `operators:\n${operators}\n` })
  return { cwd, read: () => loadConfig({ cwd, env: {} }) }
}

test('operators are read with their roles and bounds', () => {
  const { read } = load(`  anna: { token_hash: "${hash}", role: owner }
  ben: { token_hash: "sha256:${'CD'.repeat(32)}", role: support, refunds_up_to: 50 }`)
  expect(read().operators).toEqual({
    anna: { tokenHash: hash, role: 'owner', refundsUpTo: null },
    ben: { tokenHash: 'cd'.repeat(32), role: 'support', refundsUpTo: 50 },
  })
})

test.each([
  [
    '  anna: { token_hash: op-my-token-itself, role: owner }',
    /:2:23 operators\.anna\.token_hash: must be the SHA-256/,
  ],
  [
    `  anna: { token_hash: "${hash}", role: boss }`,
    /operators\.anna\.role: must be viewer, support or owner/,
  ],
  [`  anna: { token_hash: "${hash}" }`, /operators\.anna\.role: is missing/],
  ['  anna: { role: owner }', /operators\.anna\.token_hash: is missing/],
  [
    `  admin: { token_hash: "${hash}", role: owner }`,
    /operators\.admin: the audit has this name for somebody else/,
  ],
  [`  cli: { token_hash: "${hash}", role: owner }`, /operators\.cli: the audit has this name/],
  [
    `  a: { token_hash: "${hash}", role: owner }\n  b: { token_hash: "sha256:${hash}", role: viewer }`,
    /operators\.b\.token_hash: is that of a: each operator needs a token of their own/,
  ],
  [
    `  a: { token_hash: "${hash}", role: support, refunds_up_to: -1 }`,
    /operators\.a\.refunds_up_to: must be/,
  ],
])('%s is refused by its place', (operators, words) => {
  const { cwd, read } = load(operators)
  const problems = problemsOf(cwd, read)
  expect(problems.join('\n')).toMatch(words)
  expect(problems.join('\n')).not.toContain('my-token-itself')
})
