// Bodies are read as far as the container's memory goes, and refused in words where it does not.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMemory } from '../../../src/http/bodies/memory.ts'
import { png } from '../../media/media-harness.ts'
import { startGateway } from '../../support/gateway.ts'
import type { Customer, Gateway } from '../../support/gateway.ts'
import { failure, seen } from '../expectations.ts'

const mebibyte = 1024 * 1024

test('what fits is worked out from the limit, is one at least, and no more than without a limit', () => {
  const fitting = (limitBytes: number | null) =>
    createMemory({ limitBytes, usedBytes: () => null }).fitting(8, 4 * mebibyte)
  expect([null, 8_192, 256, 208, 64].map((limit) => fitting(limit && limit * mebibyte))).toEqual([
    8, 8, 8, 4, 1,
  ])
})

describe('where the process is about to take more than it may', () => {
  let gateway: Gateway
  let customer: Customer
  let used = 0
  beforeAll(async () => {
    gateway = await startGateway({ memory: { limitBytes: 256 * mebibyte, usedBytes: () => used * mebibyte } })
    customer = await gateway.customer(1_000)
  })
  afterAll(async () => await gateway.stop())

  const large = () => {
    const uri = `data:image/png;base64,${Buffer.concat([png, Buffer.alloc(90_000)]).toString('base64')}`
    return customer.create({ model_id: 'gpt-image-2', prompt: 'a heron', image_urls: [uri] })
  }

  test('bodies with pictures and files are told to come back, small ones are taken, and all is well afterwards', async () => {
    used = 240
    const refused = await large()
    expect(seen(refused)).toEqual(failure({ type: 'unavailable', status: 503 }))
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    const form = new FormData()
    form.append('file', new Blob([new Uint8Array(png)]), 'a.png')
    const headers = { authorization: `Bearer ${customer.key}` }
    expect((await fetch(`${gateway.url}/api/v1/files`, { method: 'POST', headers, body: form })).status).toBe(
      503,
    )
    expect((await customer.create({ model_id: 'gpt-image-2', prompt: 'a heron' })).json.code).toBe(200)
    expect(await customer.balance()).toBe(1_000 - 15)
    used = 100
    expect((await large()).json.code).toBe(200)
  })
})
