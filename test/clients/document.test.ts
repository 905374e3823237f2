// Both documents say what the gateway does: schemathesis sends what they allow and what they forbid.
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adminToken, startGateway } from '../support/gateway.ts'
import type { Gateway } from '../support/gateway.ts'
import { root } from '../tidy/tree.ts'
import { python, pythonTools } from './installed.ts'
import type { Tools } from './installed.ts'

/** Fixed, so that a finding is one of the change at hand. */
const seed = 7
const examplesMax = 10
/** Paths of the tasks API; kie's lie among them. */
const tasksApi = '^/api/v1/(?!jobs/|chat/)'
/** A minute on two free cores. */
const runMaxMs = 500_000

describe.skipIf(python === null)('schemathesis has no finding', () => {
  let gateway: Gateway
  let tools: Tools
  beforeAll(async () => {
    gateway = await startGateway()
    tools = await pythonTools('schemathesis', ['schemathesis==4.32.5'])
  })
  afterAll(async () => await gateway.stop())

  /** How many requests it made, and how many were answered as the document says. Throws if there is a finding. */
  async function ask(path: string, key: string, { args = [], env = {} }: Run = {}) {
    const bounds = ['--seed', String(seed), '--max-examples', String(examplesMax), '--request-timeout', '30']
    const how = ['--continue-on-failure', '--no-color', '--header', `Authorization: Bearer ${key}`]
    const said = await tools.run('schemathesis', ['run', gateway.url + path, ...bounds, ...how, ...args], {
      env,
      maxMs: runMaxMs,
    })
    const [, made, passed] = /(\d+) generated, (\d+) passed/.exec(said) ?? expect.fail(said)
    return { made: Number(made), passed: Number(passed) }
  }

  test('between /admin/openapi.json and the operator API', async () => {
    const { made, passed } = await ask('/admin/openapi.json', adminToken, {
      // It never ends.
      args: ['--exclude-operation-id', 'watchAllTasks'],
    })
    expect(passed).toBe(made)
    expect(made).toBeGreaterThan(500)
  })

  test('between /openapi.json and the client API', async () => {
    const { key } = await gateway.customer(1_000_000_000)
    const { made, passed } = await ask('/openapi.json', key, {
      // Refusals bear HTTP 200, which that check takes for consent; ours looks at `code`.
      args: [
        '--exclude-checks',
        'negative_data_rejection',
        '--exclude-operation-id',
        'watchTask',
        '--exclude-operation-id',
        'watchTasks',
        '--include-path-regex',
        tasksApi,
      ],
      env: { SCHEMATHESIS_HOOKS: join(root, 'test/clients/programs/client_checks.py') },
    })
    expect(passed).toBe(made)
    expect(made).toBeGreaterThan(500)
  })

  test('between /openapi.json and the APIs of other makers', async () => {
    const { key } = await gateway.customer(1_000_000_000)
    // Ours look at what a refusal says; and what was deleted by one path is gone from the other.
    const excluded = 'negative_data_rejection,positive_data_acceptance,ensure_resource_availability'
    const { made, passed } = await ask('/openapi.json', key, {
      args: ['--exclude-path-regex', tasksApi, '--exclude-checks', excluded],
      env: { SCHEMATHESIS_HOOKS: join(root, 'test/clients/programs/makers_checks.py') },
    })
    expect(passed).toBe(made)
    expect(made).toBeGreaterThan(500)
  })
})

interface Run {
  readonly args?: readonly string[]
  readonly env?: Record<string, string>
}
