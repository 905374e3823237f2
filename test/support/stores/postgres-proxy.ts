// A wire to the PostgreSQL server of the tests that can be cut: before a commit is heard of, or before its answer is.
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'

interface Cut {
  /** Part of a statement. */
  readonly text: string
  /** As the statement comes by, or once the server has answered it. */
  readonly when: 'before it is heard' | 'before its answer is' | 'and its answer never comes'
  /** No other connection is let through afterwards. */
  readonly staysCut?: boolean
}

export interface Wire {
  /** The store's DATABASE_URL, over this wire. */
  readonly databaseUrl: string
  /** Cuts the next connection on which this text comes by. */
  cutAt(cut: Cut): void
  /** Cuts every connection, and lets none through until `mend`. */
  cut(): void
  mend(): void
  /** New connections go to the server of this store. */
  leadTo(databaseUrl: string): void
  /** Ends every connection for us and for us alone: the server takes them for alive. */
  forget(): void
  /** Holds back all bytes, on connections that stay and on new ones, until `mend` lets them through. */
  hold(): void
  /** Lets nothing through any more, on connections that stay: the other end seems to stand still. */
  freeze(): void
}

/** Closed when the test ends. */
export async function wireTo(databaseUrl: string): Promise<Wire> {
  const url = new URL(databaseUrl)
  let target = Number(url.port)
  const sockets = new Set<Socket>()
  const nearSockets = new Set<Socket>()
  let isCut = false
  let isFrozen = false
  let isHeld = false
  let next: Cut | null = null
  const server = createServer((near) => {
    if (isCut) return void near.destroy()
    const far = connect(target, '127.0.0.1')
    let isLast = false
    let isSwallowed = false
    let isForgotten = false
    nearSockets.add(near)
    near.once('close', () => {
      isForgotten = !nearSockets.delete(near)
    })
    const end = (): void => {
      if (isForgotten) return void sockets.delete(near)
      for (const socket of [near, far]) {
        sockets.delete(socket)
        socket.destroy()
      }
    }
    for (const socket of [near, far]) {
      sockets.add(socket)
      if (isHeld) socket.pause()
      socket.on('error', end).on('close', end)
    }
    near.on('data', (bytes) => {
      if (isFrozen) return
      if (next && bytes.includes(next.text)) {
        const { when, staysCut = false } = next
        next = null
        isCut = staysCut
        if (when === 'before it is heard') return end()
        isLast = when === 'before its answer is'
        isSwallowed = !isLast
      }
      far.write(bytes)
    })
    far.on('data', (bytes) => {
      if (isLast) end()
      else if (!isSwallowed) near.write(bytes)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = (): void => {
    isCut = true
    for (const socket of sockets) socket.destroy()
  }
  onTestFinished(() => {
    cut()
    server.close()
  })
  url.port = String((server.address() as AddressInfo).port)
  return {
    databaseUrl: url.href,
    cutAt: (at) => void (next = at),
    cut,
    mend() {
      isCut = false
      isFrozen = false
      isHeld = false
      for (const socket of sockets) socket.resume()
    },
    leadTo: (other) => void (target = Number(new URL(other).port)),
    forget() {
      const gone = [...nearSockets]
      nearSockets.clear()
      for (const socket of gone) socket.destroy()
    },
    hold() {
      isHeld = true
      for (const socket of sockets) socket.pause()
    },
    freeze: () => void (isFrozen = true),
  }
}
