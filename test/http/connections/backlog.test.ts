// Clients that connect all at once are kept by the system until they are accepted, and need not try again.
import { createServer } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { reservePort } from '../../../src/http/connections/listen.ts'
import { until } from '../../support/gateway.ts'

test('of hundreds of clients that connect at once, all are connected before most are accepted', async () => {
  const count = 900
  const server = createServer()
  const listen = async (options: object) => {
    await new Promise<void>((resolve) => server.listen(options, resolve))
    return ''
  }
  const port = await reservePort({ host: '127.0.0.1', port: 0 })
  await port.handOver({ listen })
  const address = server.address() as AddressInfo
  let [connected, accepted, connectedByThen] = [0, 0, 0]
  // Of those that find no room, some would be connected only when so many are accepted, or a second later.
  server.on('connection', () => {
    accepted += 1
    if (accepted === 300) connectedByThen = connected
  })
  const clients = Array.from({ length: count }, () => connect(address.port, '127.0.0.1'))
  const countOne = () => (connected += 1)
  for (const client of clients) client.on('connect', countOne).on('error', () => undefined)
  try {
    await until(
      () => accepted,
      (seen) => seen === count,
    )
    expect(connectedByThen).toBe(count)
  } finally {
    for (const client of clients) client.destroy()
    server.closeAllConnections()
    server.close()
  }
})
