// A bit writer with H.264's codes, and the wrapping into a NAL unit.

export interface Bits {
  fixed(length: number, value: number): Bits
  /** Exponential Golomb: small numbers are short. */
  unsigned(value: number): Bits
  /** Zeros up to the next whole byte. */
  align(): Bits
  /** Only when aligned. */
  bytes(bytes: Uint8Array): Bits
  /** Ends the bits and adds a header; bytes that would look like a start code are escaped. */
  asNal(type: number): Buffer
}

export function createBits(bytesExpected = 64): Bits {
  let buffer = Buffer.alloc(bytesExpected)
  let length = 0
  let current = 0
  let filled = 0

  function push(byte: number): void {
    if (length === buffer.length) buffer = Buffer.concat([buffer, Buffer.alloc(buffer.length)])
    buffer[length] = byte
    length += 1
  }

  const bits: Bits = {
    fixed(count, value) {
      for (let at = count - 1; at >= 0; at -= 1) {
        current = current * 2 + (Math.floor(value / 2 ** at) % 2)
        filled += 1
        if (filled === 8) {
          push(current)
          current = 0
          filled = 0
        }
      }
      return bits
    },
    unsigned(value) {
      const digits = 32 - Math.clz32(value + 1)
      return bits.fixed(digits - 1, 0).fixed(digits, value + 1)
    },
    align: () => (filled === 0 ? bits : bits.fixed(8 - filled, 0)),
    bytes(more) {
      if (length + more.length > buffer.length)
        buffer = Buffer.concat([buffer, Buffer.alloc(buffer.length + more.length)])
      buffer.set(more, length)
      length += more.length
      return bits
    },
    asNal(type) {
      bits.fixed(1, 1).align()
      const important = 3
      return Buffer.concat([Buffer.from([(important << 5) | type]), escape(buffer.subarray(0, length))])
    },
  }
  return bits
}

/** After two zeros, a byte below 4 gets a 3 before it. */
function escape(bytes: Buffer): Buffer {
  const parts: Buffer[] = []
  let from = 0
  let zeros = 0
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0
    if (zeros >= 2 && byte <= 3) {
      parts.push(bytes.subarray(from, at), Buffer.from([3]))
      from = at
      zeros = 0
    }
    zeros = byte === 0 ? zeros + 1 : 0
  }
  return Buffer.concat([...parts, bytes.subarray(from)])
}
