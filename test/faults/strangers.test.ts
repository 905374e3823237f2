// More strangers than the process may have descriptors: customers are served, and the process lives.
import type { Socket } from 'node:net'
import { beforeAll, describe, expect, test } from 'vitest'
import { until } from '../support/gateway.ts'
import { checkInvariants } from './support/invariants.ts'
import { call, operator } from './support/outside.ts'
import { endScenesAfterwards, openScene, patientYaml, start } from './support/scene.ts'
import type { Customer, Gateway, Scene } from './support/scene.ts'
import { open } from './support/wire.ts'

endScenesAfterwards()

const limitedTo = (openFilesMax: number) => ['sh', '-c', `ulimit -n ${openFilesMax}; exec "$@"`, 'limited']
const strangers = 400
const atOnce = 50

let scene: Scene
beforeAll(async () => {
  scene = await openScene({ yaml: patientYaml })
})

async function crowd(gateway: Gateway, says: string, sockets: Socket[]): Promise<void> {
  for (let count = 0; count < strangers; count += atOnce) {
    // Some are refused at once.
    const opened = await Promise.allSettled(Array.from({ length: atOnce }, () => open(gateway)))
    for (const one of opened) {
      if (one.status === 'rejected') continue
      one.value.on('error', () => undefined)
      if (says !== '') one.value.write(says)
      sockets.push(one.value)
    }
  }
}

let orders = 0
async function order(gateway: Gateway, customer: Customer): Promise<number> {
  const prompt = `plain 1K among strangers ${(orders += 1)}`
  const body = { model_id: 'gpt-image-2', prompt, resolution: '1K' }
  const { json } = await call(`${gateway.url}/api/v1/tasks/create`, customer.key, body)
  const taken = { requestId: json.data.request_id, taskIds: json.data.task_ids }
  scene.orders.set(prompt, {
    customer,
    prompt,
    count: 1,
    creditsEach: 15,
    told: 'acknowledged',
    words: '',
    ...taken,
  })
  return json.code
}

describe.each([
  [256, 'silent', ''],
  [256, 'half their headers', 'GET /healthz HTTP/1.1\r\nHost: a\r\n'],
  [256, 'a used connection', 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n'],
])('at a limit of %i descriptors', (openFilesMax, what, says) => {
  test(`four hundred connections (${what}) keep nobody from ordering`, async () => {
    const gateway = await start(scene, { under: limitedTo(openFilesMax) })
    const sockets: Socket[] = []
    try {
      await crowd(gateway, says, sockets)
      expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200)
      expect(await order(gateway, scene.customers[0] as Customer)).toBe(200)
      const text = await (await fetch(`${gateway.url}/metrics`)).text()
      const held = Number(/^tollgate_client_descriptors (\d+)$/m.exec(text)?.[1])
      expect(held).toBeLessThanOrEqual(openFilesMax / 2)
    } finally {
      for (const socket of sockets) socket.destroy()
    }
    expect((await checkInvariants(scene, gateway)).problems).toEqual([])
    expect((await gateway.stop()).code).toBe(0)
  })
})

test('with no descriptor left at all the process lives, and serves again when there are some', async () => {
  const gateway = await start(scene, { under: limitedTo(openFilesLeftNone) })
  const sockets: Socket[] = []
  try {
    await crowd(gateway, '', sockets)
    expect(gateway.process.child.exitCode).toBeNull()
  } finally {
    for (const socket of sockets) socket.destroy()
  }
  const health = async () => (await fetch(`${gateway.url}/healthz`).catch(() => null))?.status
  expect(await until(health, (status) => status === 200)).toBe(200)
  await until(
    async () => await operator(gateway.url, '/ledger/verify').catch(() => null),
    (verified) => verified?.ok === true,
  )
  expect((await gateway.stop()).code).toBe(0)
})

/** The store, the log and the loops of Node itself take nearly all of these. */
const openFilesLeftNone = 48
