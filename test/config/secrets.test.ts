// Secrets stay out of what is shown of a configuration, and out of every complaint about it.
import { expect, test } from 'vitest'

import { type Config, loadConfig } from '../../src/config/config.ts'
import { shownConfig } from '../../src/config/shown.ts'
import { directoryWith, problemsOf } from './workspace.ts'

const canary = 'canary-7f3d9a51-never-shown-anywhere'

const s3 = (secret: string) =>
  `media: { store: s3, endpoint: "https://s3.example", bucket: b, region: r, access_key_id: ${canary}, secret_access_key: ${secret} }`

const sealingKey = Buffer.alloc(32, canary).toString('base64')

test('a masked configuration shows each secret by its length alone', () => {
  const cwd = directoryWith({ 'tollgate.yaml': s3(canary) })
  const env = {
    ADMIN_TOKEN: canary,
    KEEVX_API_KEY: `${canary},${canary}-2`,
    DATABASE_URL: `postgres://u:${canary}@db/x`,
    SEALING_KEY: sealingKey,
  }
  const config = loadConfig({ env, cwd })
  const masked = shownConfig(config)
  expect(JSON.stringify(config)).toContain(canary)
  expect(JSON.stringify(masked)).not.toContain(canary)
  expect(JSON.stringify(masked)).not.toContain(sealingKey)
  expect(masked.environment.ADMIN_TOKEN).toBe('•••• (36 characters)')
  expect(masked.upstreams['keevx']?.api_key).toEqual(['•••• (36 characters)', '•••• (38 characters)'])
  expect(masked.media.secret_access_key).toBe('•••• (36 characters)')
  expect(masked.environment.DATABASE_URL).toMatch(/^•••• \(\d+ characters\)$/)
  expect(masked.media.bucket).toBe('b')
})

test('the keys of a bucket are masked wherever they come from', () => {
  const cwd = directoryWith({
    'tollgate.yaml': 'media: { store: s3, endpoint: "https://s3.example", bucket: b, region: r }',
    secret: `${canary}\n`,
  })
  const config = loadConfig({ env: { S3_ACCESS_KEY_ID: canary, S3_SECRET_ACCESS_KEY_FILE: 'secret' }, cwd })
  expect(JSON.stringify(config)).toContain(canary)
  expect(JSON.stringify(shownConfig(config))).not.toContain(canary)
  const wrong = { S3_ACCESS_KEY_ID: `${canary} ${canary}`, S3_SECRET_ACCESS_KEY: `"${canary}"` }
  const problems = problemsOf(cwd, () => loadConfig({ env: wrong, cwd }))
  expect(problems.length).toBeGreaterThanOrEqual(2)
  expect(problems.join()).not.toContain(canary)
})

test('a masked configuration still names the SQLite file, and what is not set', () => {
  const masked = shownConfig(loadConfig({ env: {}, cwd: directoryWith({}) }))
  expect(masked.environment.DATABASE_URL).toMatch(/^file:.*tollgate\.db$/)
  expect(masked.environment.ADMIN_TOKEN).toBeNull()
  expect(masked.media).not.toHaveProperty('bucket')
})

test.each([
  s3(`*${canary}`),
  s3(`!${canary}`),
  s3(`[${canary}]`),
  s3(`"${canary} ${canary}"`),
  s3(`{ ${canary}: 1 }`),
  s3(`"${canary}`),
  s3(`"${canary}" "${canary}"`),
  s3(`@${canary}`),
  s3(`"'${canary}'"`),
  s3(`'"${canary}"'`),
  `upstreams: { keevx: { base_url: "https://u:${canary}@h" } }`,
])('%s is refused without repeating the secret', (yaml) => {
  const cwd = directoryWith({ 'tollgate.yaml': yaml })
  const problems = problemsOf(cwd, () => loadConfig({ env: {}, cwd }))
  expect(problems.length).toBeGreaterThan(0)
  expect(problems.join('\n')).not.toContain(canary)
})

test('a configuration cannot be changed at any depth', () => {
  const config = loadConfig({ env: { KEEVX_API_KEY: 'k' }, cwd: directoryWith({ 'tollgate.yaml': '' }) })
  const open = (value: unknown): boolean =>
    typeof value === 'object' &&
    value !== null &&
    (!Object.isFrozen(value) || Object.values(value).some(open))
  expect(open(config)).toBe(false)
  expect(() => {
    ;(config as { port: Config['port'] }).port = 1
  }).toThrow(TypeError)
})
