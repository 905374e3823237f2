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
const runMaxMs = 150_000

describe.skipIf(python === null)('schemathesis has no finding', () => {
  let gateway: Gateway
  let tools: Tools
  beforeAll(async () => {
    gateway = await startGateway()
    tools = await pythonTools('schemathesis', ['schemathesis==4.32.5'])
  })
  afterAll(async () => await gateway.stop())

  async function check(path: string, key: string, more: Pick<Run, 'args' | 'env'> = {}): Promise<void> {
    const { args = [], env = {} } = more
    const bounds = ['--seed', String(seed), '--max-examples', String(examplesMax), '--request-timeout', '30']
    const said = await tools.run(
      'schemathesis',
      [
        'run',
        gateway.url + path,
        ...['--header', `Authorization: Bearer ${key}`],
        ...[...bounds, '--continue-on-failure', '--no-color', ...args],
      ],
      { env, maxMs: runMaxMs },
    )
    // It ends with 1 if there is a finding, and throws. Nor did it ask for little.
    const [, generated, passed] = /(\d+) generated, (\d+) passed/.exec(said) ?? expect.fail(said)
    expect(passed).toBe(generated)
    expect(Number(generated)).toBeGreaterThan(500)
  }

  test('between /admin/openapi.json and the operator API', async () => {
    await check('/admin/openapi.json', adminToken)
  })

  test('between /openapi.json and the client API', async () => {
    const { key } = await gateway.customer(1_000_000_000)
    await check('/openapi.json', key, {
      // Refusals of the client API bear HTTP 200, which that check takes for consent; ours looks at `code`.
      args: ['--exclude-checks', 'negative_data_rejection', '--exclude-operation-id', 'watchTask'],
      env: { SCHEMATHESIS_HOOKS: join(root, 'test/clients/programs/client_checks.py') },
    })
  })
})

interface Run {
  readonly args?: readonly string[]
  readonly env?: Record<string, string>
}
