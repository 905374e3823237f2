// What arrives in an unusual way is read all the same: packed, or while the process stood still.
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { ask, rawStandIn, reply, shortMs, standIn } from './stand-in.ts'

describe('an answer that is packed though nobody asked for that', () => {
  const text = '{"code":0,"msg":"ok"}'
  const packed = (coding: string): Buffer => {
    const pack = {
      gzip: gzipSync,
      deflate: deflateSync,
      raw: deflateRawSync,
      br: brotliCompressSync,
      zstd: zstdCompressSync,
    }
    return pack[coding as keyof typeof pack](text)
  }
  const answered = async (body: Buffer | string, encoding: string | null) => {
    const headers = encoding === null ? {} : { 'content-encoding': encoding }
    const upstream = await standIn((response) => reply(response, 200, body, headers))
    const result = await ask(upstream.url, { timeoutMs: 10_000 })
    expect(upstream.asked[0]?.headers).toHaveProperty('accept-encoding', 'identity')
    return result
  }

  test.each([
    ['gzip', packed('gzip'), 'gzip'],
    ['gzip by another name', packed('gzip'), ' X-GZip '],
    ['deflate', packed('deflate'), 'deflate'],
    ['deflate without its header', packed('raw'), 'deflate'],
    ['brotli', packed('br'), 'br'],
    ['zstandard', packed('zstd'), 'zstd'],
    ['gzip without a word', packed('gzip'), null],
    ['zstandard without a word', packed('zstd'), null],
    ['twice', brotliCompressSync(packed('gzip')), 'gzip, br'],
    ['identity', text, 'identity'],
    ['gzip in name alone', text, 'gzip'],
    ['by an unknown name, and is plain', text, 'snappy'],
  ])('is read: %s', async (_name, body, encoding) => {
    expect(await answered(body, encoding)).toMatchObject({ kind: 'answer', status: 200, body: text })
  })

  test.each([
    ['a bomb', gzipSync(Buffer.alloc(200_000_000)), 'gzip'],
    ['a bomb in a bomb', gzipSync(gzipSync(Buffer.alloc(200_000_000))), 'gzip, gzip'],
    ['one byte more than is read', gzipSync(Buffer.alloc(1024 * 1024 + 1)), 'gzip'],
    ['half of it', packed('gzip').subarray(0, 20), 'gzip'],
    ['an unknown coding', packed('gzip'), 'compress'],
    ['four times, each as it says', gzipSync(gzipSync(gzipSync(packed('gzip')))), 'gzip, gzip, gzip, gzip'],
  ])('is unreadable, with its status: %s', async (_name, body, encoding) => {
    expect(await answered(body, encoding)).toMatchObject({ kind: 'unreadable', head: { status: 200 } })
  })
})

describe('a process that stood still for longer than the time of its call', () => {
  /** Answers, and then holds the loop until that time is over: the answer lies in the socket when the timer fires. */
  const frozen = (answer: string) =>
    rawStandIn((socket) => {
      socket.write(answer)
      const until = performance.now() + 2 * shortMs
      while (performance.now() < until);
    })

  test('reads the answer that has arrived meanwhile, also a long one', async () => {
    for (const body of ['{}', 'x'.repeat(1_000_000)]) {
      const { url } = await frozen(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
      expect(await ask(url, { timeoutMs: shortMs })).toMatchObject({ kind: 'answer', body })
    }
  })

  test('gives up where only a part of it has arrived, or nothing', async () => {
    const { url } = await frozen('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{')
    expect(await ask(url, { timeoutMs: shortMs })).toMatchObject({ kind: 'timed_out', head: { status: 200 } })
    const mute = await frozen('')
    expect(await ask(mute.url, { timeoutMs: shortMs })).toMatchObject({ kind: 'timed_out', head: null })
  })
})
