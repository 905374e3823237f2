// The validator of Agent Skills, and the program that installs them.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import type { Gateway } from '../support/gateway.ts'
import { npmTools, python, pythonTools } from './installed.ts'

let gateway: Gateway
const folder = mkdtempSync(join(tmpdir(), 'tollgate-skill-'))
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(async () => {
  await gateway.stop()
  rmSync(folder, { recursive: true, force: true })
})

test.skipIf(python === null)('the validator of Agent Skills accepts /skill.md', async () => {
  const tools = await pythonTools('skills-ref', ['skills-ref==0.1.1'])
  const skill = join(folder, 'tollgate')
  mkdirSync(skill)
  writeFileSync(join(skill, 'SKILL.md'), (await gateway.call('GET', '/skill.md')).text)
  expect(await tools.run('agentskills', ['validate', skill])).toMatch(/Valid skill/)
})

test('skills add finds the skill at the address of the gateway, and installs what is served', async () => {
  const tools = await npmTools('skills', { skills: '1.7.4' })
  const cwd = join(folder, 'project')
  mkdirSync(cwd)
  const env = { HOME: folder, DISABLE_TELEMETRY: '1', DO_NOT_TRACK: '1' }
  await tools.run('skills', ['add', gateway.url, '--yes', '--copy'], { cwd, env })
  const { text } = await gateway.call('GET', '/skill.md')
  expect(readFileSync(join(cwd, '.agents/skills/tollgate/SKILL.md'), 'utf8')).toBe(text)
})
