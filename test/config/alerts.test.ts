// The alerts section: what is wrong is named at its place, and no secret is ever shown.
import { expect, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { ConfigError } from '../../src/config/problems.ts'
import { shownConfig } from '../../src/config/shown.ts'
import { directoryWith } from './workspace.ts'

const load = (receivers: string, rules = '', env: NodeJS.ProcessEnv = {}) =>
  loadConfig({
    env,
    cwd: directoryWith({
      'tollgate.yaml': `alerts:\n  receivers: { ${receivers} }\n  rules: { ${rules} }\n`,
      hook: 'https://hooks.example.com/services/from-a-file\n',
      empty: '\n',
    }),
  })

function problemsOf(receivers: string, rules = '', env: NodeJS.ProcessEnv = {}): string[] {
  try {
    load(receivers, rules, env)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map((words) => words.replace(/^\/\S*\//, ''))
    throw error
  }
}

test.each([
  ['a: { type: slak, url: "https://x.example/" }', /receivers\.a\.type: must be webhook, slack.*not "slak"/],
  ['a: { type: slack }', /receivers\.a\.url: is missing; slack needs it/],
  ['a: { type: slack, url: "hooks.example/x" }', /receivers\.a\.url: must be a URL that starts with/],
  ['a: { type: slack, url: "https://me:pw@x.example/" }', /must not hold a user name or password/],
  [
    'a: { type: slack, url: "https://x.example/", url_env: A }',
    /url_env: name one of url, url_env, url_file/,
  ],
  ['a: { type: slack, url: "https://x.example/", token: abc }', /token: is not for slack, which takes url/],
  ['a: { type: slack, url: "https://x.example/", chat_id: 1 }', /chat_id: is for telegram alone/],
  ['a: { type: telegram, token: "1:a" }', /chat_id: is missing; telegram needs it/],
  ['a: { type: telegram, token: "1:a", chat_id: "the team" }', /chat_id: must be the number of a chat/],
  ['a: { type: bark }', /device_key: is missing; bark needs it/],
  ['a: { type: webhook, url: "https://x.example/", secret: abc }', /secret: must be whsec_ and 24 to 64/],
  ['a: { type: webhook, url: "https://x.example/" }', /secret: is missing; webhook needs it/],
  ['a: { type: slack, url_file: nowhere }', /url_file: the file cannot be read: there is no such file/],
  ['a: { type: slack, url_file: empty }', /url_file: the file empty is empty/],
  ['A b: { type: slack, url: "https://x.example/" }', /must be 1 to 64 lower-case letters/],
])('%s is refused at its place', (receivers, words) => {
  const problems = problemsOf(receivers)
  expect(problems).toHaveLength(1)
  expect(problems[0]).toMatch(words)
  expect(problems[0]).toMatch(/^(?:tollgate\.yaml:2:\d+ )?alerts\.receivers/)
  expect(problems[0]).not.toMatch(/me:pw|x\.example/)
})

test.each([
  [
    'oldest_wating: { above: 1m }',
    /alerts\.rules\.oldest_wating: unknown key; did you mean oldest_waiting\?/,
  ],
  ['oldest_waiting: { above: 10 }', /rules\.oldest_waiting\.above: must be a length of time/],
  ['failure_rate: { above_percent: 120 }', /above_percent: must be a whole number from 1 to 99/],
  ['disk: { to: [nigth] }', /rules\.disk\.to\[0\]: there is no receiver of this name; known are night/],
  ['disk: { to: [] }', /rules\.disk\.to: must name at least one receiver/],
])('the rule %s is refused at its place', (rules, words) => {
  const problems = problemsOf('night: { type: slack, url: "https://x.example/" }', rules)
  expect(problems).toHaveLength(1)
  expect(problems[0]).toMatch(words)
  expect(problems[0]).toMatch(/^tollgate\.yaml:3:\d+ /)
})

test('secrets come from a variable or a file, and one whose variable is not set is no reason not to start', () => {
  const receivers = 'a: { type: slack, url_env: HOOK }, b: { type: slack, url_file: hook }'
  const [a, b] = load(receivers, '', { HOOK: 'https://hooks.example.com/from-the-environment' }).alerts
    .receivers
  expect(a).toMatchObject({ url: 'https://hooks.example.com/from-the-environment', missing: null })
  expect(b).toMatchObject({ url: 'https://hooks.example.com/services/from-a-file', missing: null })
  expect(load(receivers).alerts.receivers[0]).toMatchObject({ url: null, missing: 'url_env' })
  expect(problemsOf(receivers, '', { HOOK: 'no url' })).toEqual([
    'alerts.receivers.a.url_env: must be a URL that starts with http:// or https://',
  ])
})

test('what is shown of a receiver is no secret', () => {
  const receivers =
    'a: { type: dingtalk, url: "https://hooks.example.com/send?access_token=tok-123456", secret: SEC123456 }, ' +
    'b: { type: telegram, token: "110201543:AAH", chat_id: -100 }, c: { type: bark, device_key: ynJ5Ft4atk }'
  const shown = JSON.stringify(shownConfig(load(receivers)))
  for (const secret of ['tok-123456', 'SEC123456', '110201543:AAH', 'ynJ5Ft4atk']) {
    expect(shown).not.toContain(secret)
  }
  expect(shown).toContain('"chat_id":"-100"')
})

test('left out, every rule is on and nobody is told', () => {
  const { alerts } = loadConfig({ env: {}, cwd: directoryWith({ 'tollgate.yaml': '' }) })
  expect(alerts.receivers).toEqual([])
  expect(Object.values(alerts.rules)).not.toContain(null)
})
