// A customer's receiver of webhooks on loopback: keeps what it was told, and answers as a test says.
import { createServer } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

export interface Told {
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly path: string
}

export interface Receiver {
  readonly url: string
  /** Every POST that reached it whole, in order. */
  readonly told: Told[]
  /** What it does with the next ones; 200 by default. */
  answer: (response: ServerResponse, told: Told) => void
  /** The most that it was told at once. */
  readonly mostAtOnce: number
  close(): Promise<void>
}

/** For `network`, so that receivers on loopback may be reached, and `webhooks` with pauses of milliseconds. */
export const receiverYaml = (schedule = '[20ms, 20ms]', timeout = '10s'): string => `
network: { allow_hosts: [127.0.0.1] }
webhooks: { timeout: ${timeout}, schedule: ${schedule} }
`

export const status =
  (code: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse): void =>
    void response.writeHead(code, headers).end()

/** Closed when the test ends, whoever still waits for an answer. */
export async function startReceiver(answer: Receiver['answer'] = status(200)): Promise<Receiver> {
  const told: Told[] = []
  let atOnce = 0
  let mostAtOnce = 0
  const server = createServer((request, response) => {
    atOnce += 1
    mostAtOnce = Math.max(mostAtOnce, atOnce)
    response.on('close', () => {
      atOnce -= 1
    })
    void hear(request, response).catch(() => undefined)
  })
  const hear = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const one = { headers: request.headers, body: await text(request), path: request.url ?? '' }
    told.push(one)
    receiver.answer(response, one)
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const receiver = {
    url: `http://127.0.0.1:${port}/hook`,
    told,
    answer,
    get mostAtOnce() {
      return mostAtOnce
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  onTestFinished(async () => await receiver.close())
  return receiver
}

/** The headers as the published verifier wants them. */
export function headersOf({ headers }: Told): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}
