// The SDKs of the Open API, from PyPI and crates.io, run unchanged.
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'
import { cargo, cargoTools, python, pythonTools } from './installed.ts'

const programs = join(import.meta.dirname, 'programs')

let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(async () => await gateway.stop())

type Run = (args: readonly string[]) => Promise<string>

/** A picture, a failure, no credits and a wrong key, as each SDK tells of them. */
function promises(ready: () => Promise<Run>): void {
  let run: Run
  beforeAll(async () => {
    run = await ready()
    customer = await gateway.customer(30)
  })
  const ask = async (prompt: string, key = customer.key) => JSON.parse(await run([gateway.url, key, prompt]))

  test('a picture is ordered once, paid once, and its URL arrives', async () => {
    const before = gateway.sandbox.submissions.length
    expect(await ask('a heron')).toEqual({
      task_id: expect.stringMatching(/^task_/),
      status: 3,
      url: expect.stringMatching(/^http/),
      credits: 15,
    })
    expect(gateway.sandbox.submissions.length - before).toBe(1)
    expect(await customer.balance()).toBe(15)
  })

  test('a failure is an error of theirs, and the credits came back', async () => {
    expect(await ask('fail')).toMatchObject({ error: expect.any(String) })
    expect(await customer.balance()).toBe(15)
  })

  test('no credits and a wrong key are errors of theirs', async () => {
    await ask('the last heron')
    expect((await ask('one too many')).error).toMatch(/credits/)
    expect((await ask('a heron', 'sk-wrong')).error).toMatch(/401|nauthorized/)
    expect(await customer.balance()).toBe(0)
  })
}

describe.skipIf(python === null)('omnivideo-sdk for Python', () => {
  promises(async () => {
    const tools = await pythonTools('omnivideo', ['omnivideo-sdk==0.1.0'])
    return (args) => tools.run('python', [join(programs, 'omnivideo_client.py'), ...args])
  })
})

describe.skipIf(cargo === null)('omnivideo-sdk for Rust', () => {
  promises(async () => {
    const tools = await cargoTools('omnivideo', join(programs, 'omnivideo_client.rs'), {
      'omnivideo-sdk': '=0.1.0',
    })
    return (args) => tools.run('client', args)
  })
})
