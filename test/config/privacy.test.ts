// The privacy section: how long prompts are kept, and that the archive does not take them before.
import { expect, test } from 'vitest'

import { loadConfig } from '../../src/config/config.ts'
import { shownConfig } from '../../src/config/shown.ts'
import { directoryWith, problemsOf } from './workspace.ts'

const load = (yaml: string) => loadConfig({ cwd: directoryWith({ 'tollgate.yaml': yaml }), env: {} })

test('prompts are kept for ever, or for so many days, as config check shows it', () => {
  const shown = (yaml: string) => shownConfig(load(yaml)).privacy
  expect(shown('')).toEqual({ prompts: 'keep' })
  expect(shown('privacy: { prompts: 30d }\nretention: { tasks: 30d }')).toEqual({ prompts: '30d' })
  expect(load('privacy: { prompts: 30d }').privacy).toEqual({ promptsMs: 30 * 24 * 60 * 60_000 })
})

test.each([
  ['privacy: { prompts: 23h }', /1:21 privacy\.prompts: must be at least 1d, or keep, not "23h"/],
  ['privacy: { prompts: off }', /1:21 privacy\.prompts: /],
  [
    'privacy: { prompts: 30d }\nretention: { tasks: 29d }',
    /2:21 retention\.tasks: must be at least privacy\.prompts \(30d\)/,
  ],
])('%j is refused with its place', (yaml, problem) => {
  const cwd = directoryWith({ 'tollgate.yaml': yaml })
  const problems = problemsOf(cwd, () => loadConfig({ cwd, env: {} }))
  expect(problems).toHaveLength(1)
  expect(problems[0]).toMatch(problem)
})
