// Encodes a stream of bytes as base64, a small piece at a time.

/** Takes a fraction of a millisecond to encode. */
const pieceBytesMax = 192 * 1024

/** Lets other work run between one piece and the next. */
export async function* base64Of(source: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let left = Buffer.alloc(0)
  for await (const chunk of source) {
    const bytes = left.length === 0 ? chunk : Buffer.concat([left, chunk])
    const whole = bytes.length - (bytes.length % 3)
    for (let at = 0; at < whole; at += pieceBytesMax) {
      yield bytes.toString('base64', at, Math.min(whole, at + pieceBytesMax))
      await new Promise((resolve) => setImmediate(resolve))
    }
    left = Buffer.from(bytes.subarray(whole))
  }
  yield left.toString('base64')
}
