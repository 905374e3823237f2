// A proxy that loses connections and answers, as a test says.
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

export interface LossyProxy {
  readonly url: string
  /** Cuts what is open now, on both sides. */
  cutAll(): void
  /** The next so many answers do not arrive: when one has been sent, its client's connection is cut. */
  swallow(answers: number): void
  close(): Promise<void>
}

export async function startLossyProxy(target: string): Promise<LossyProxy> {
  const { hostname, port } = new URL(target)
  const open = new Set<Socket>()
  let swallowed = 0
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    const pairs = [
      [client, upstream],
      [upstream, client],
    ] as const
    for (const [socket, other] of pairs) {
      open.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        open.delete(socket)
        other.destroy()
      })
    }
    client.pipe(upstream)
    upstream.on('data', (piece) => {
      if (swallowed === 0) return void client.write(piece)
      swallowed -= 1
      client.destroy()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cutAll() {
      for (const socket of open) socket.destroy()
    },
    swallow(answers) {
      swallowed = answers
    },
    async close() {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
