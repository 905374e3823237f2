// Connections as strangers hold them: raw sockets whose ends are noticed.
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { until } from '../../support/gateway.ts'
import type { Gateway } from '../../support/gateway.ts'

export interface Stranger {
  readonly socket: Socket
  readonly isClosed: () => boolean
  heard(): string
  /** Resolves when the other side has ended or reset the connection. */
  readonly closed: Promise<void>
  /** Resolves when the other side has let the connection go: what is said to it is answered by a reset. */
  letGo(): Promise<void>
}

/** Connected; what it hears is read, unless `deaf`. */
export async function stranger(
  { url }: Pick<Gateway, 'url'>,
  { says = '', deaf = false, from = '127.0.0.1' } = {},
): Promise<Stranger> {
  const port = Number(new URL(url).port)
  const socket = connect({ port, host: '127.0.0.1', localAddress: from, allowHalfOpen: true })
  onTestFinished(() => void socket.destroy())
  let failure: NodeJS.ErrnoException | null = null
  const closed = new Promise<void>((resolve) => {
    socket.once('error', (error) => {
      failure = error
      resolve()
    })
    socket.once('end', () => resolve())
    socket.once('close', () => resolve())
  })
  let isClosed = false
  void closed.then(() => (isClosed = true))
  let heard = ''
  if (!deaf) socket.on('data', (bytes) => (heard += bytes.toString()))
  await Promise.race([new Promise<void>((resolve) => socket.once('connect', () => resolve())), closed])
  requireConnection(failure)
  if (says !== '') socket.write(says)
  const letGo = async () => {
    await until(
      () => socket.destroyed || (socket.write('\n'), false),
      (isGone) => isGone,
    )
  }
  return { socket, isClosed: () => isClosed, heard: () => heard, closed, letGo }
}

/** The gateway may reset it at once. Where the system gave none, nobody would ever hear anything. */
function requireConnection(failure: NodeJS.ErrnoException | null): void {
  if (failure !== null && failure.code !== 'ECONNRESET') throw failure
}

/** What the gateway counts under this name. */
export async function metric({ call }: Pick<Gateway, 'call'>, name: string): Promise<number> {
  const { text } = await call('GET', '/metrics')
  const line = text.split('\n').find((each) => each.startsWith(`tollgate_${name} `))
  return Number(line?.split(' ').at(-1) ?? 0)
}
