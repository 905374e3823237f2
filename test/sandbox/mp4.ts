// Reads an MP4 of raw and skipped blocks back, by the specifications alone: boxes, NAL units, bits, frames.

export interface ReadMp4 {
  readonly brands: string
  readonly order: readonly string[]
  readonly seconds: number
  readonly width: number
  readonly height: number
  /** The brightness of each frame, one byte a pixel. */
  readonly frames: readonly Uint8Array[]
  readonly keyFrames: readonly number[]
}

type Boxes = ReadonlyMap<string, Buffer>

export function readMp4(file: Buffer): ReadMp4 {
  const top = boxes(file)
  const moov = boxes(one(top, 'moov'))
  const media = boxes(one(boxes(one(moov, 'trak')), 'mdia'))
  const table = boxes(one(boxes(one(media, 'minf')), 'stbl'))
  const entry = boxes(one(table, 'stsd').subarray(8)).get('avc1') ?? Buffer.alloc(0)
  const [width, height] = [entry.readUInt16BE(24), entry.readUInt16BE(26)]
  const configuration = one(boxes(entry.subarray(78)), 'avcC')
  const sequence = readSequence(unescape(configuration.subarray(8, 8 + configuration.readUInt16BE(6))))
  if (sequence.width !== width || sequence.height !== height)
    throw new Error('the stream and its box differ in size')
  const decode = decoder(width / 16, height / 16)
  const header = one(media, 'mdhd')
  return {
    brands: one(top, 'ftyp').toString('latin1'),
    order: [...top.keys()],
    seconds: header.readUInt32BE(16) / header.readUInt32BE(12),
    width,
    height,
    frames: samples(file, table).map((sample) => decode(sample)),
    keyFrames: numbers(one(table, 'stss').subarray(8)),
  }
}

function boxes(content: Buffer): Boxes {
  const found = new Map<string, Buffer>()
  for (let at = 0; at < content.length;) {
    const length = content.readUInt32BE(at)
    if (length < 8 || at + length > content.length) throw new Error(`a box of ${length} bytes at ${at}`)
    found.set(content.toString('latin1', at + 4, at + 8), content.subarray(at + 8, at + length))
    at += length
  }
  return found
}

function one(from: Boxes, type: string): Buffer {
  const box = from.get(type)
  if (box === undefined) throw new Error(`no ${type}`)
  return box
}

function numbers(bytes: Buffer): number[] {
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readUInt32BE(index * 4))
}

/** One chunk holds them all; each is one NAL unit behind its length. */
function samples(file: Buffer, table: Boxes): Buffer[] {
  let at = one(table, 'stco').readUInt32BE(8)
  const found = numbers(one(table, 'stsz').subarray(12)).map((size) => {
    const sample = file.subarray(at, at + size)
    at += size
    if (sample.readUInt32BE(0) !== size - 4) throw new Error('a sample of another length than its NAL unit')
    return sample.subarray(4)
  })
  if (at !== file.length) throw new Error('bytes that belong to no sample')
  return found
}

function unescape(nal: Buffer): Buffer {
  const kept: number[] = []
  for (let at = 0; at < nal.length; at += 1) {
    if (at > 1 && nal[at] === 3 && nal[at - 1] === 0 && nal[at - 2] === 0) continue
    kept.push(nal[at] ?? 0)
  }
  return Buffer.from(kept)
}

function reader(bytes: Buffer) {
  let at = 8
  const bit = () => ((bytes[at >> 3] ?? 0) >> (7 - (at++ & 7))) & 1
  const fixed = (count: number) =>
    Array.from({ length: count }, bit).reduce((value, next) => value * 2 + next, 0)
  return {
    fixed,
    unsigned() {
      let zeros = 0
      while (bit() === 0) zeros += 1
      return 2 ** zeros - 1 + fixed(zeros)
    },
    raw(count: number) {
      for (let rest = (8 - (at & 7)) & 7; rest > 0; rest -= 1) if (bit() !== 0) throw new Error('alignment')
      at += count * 8
      return bytes.subarray((at >> 3) - count, at >> 3)
    },
    /** Whether anything but the closing 1 and its zeros is left. */
    more() {
      let last = bytes.length * 8 - 1
      while ((((bytes[last >> 3] ?? 0) >> (7 - (last & 7))) & 1) === 0) last -= 1
      return at < last
    },
  }
}

function readSequence(nal: Buffer) {
  const bits = reader(nal)
  if (bits.fixed(8) !== 66) throw new Error('not baseline')
  bits.fixed(16)
  if (bits.unsigned() !== 0 || bits.unsigned() !== 4 || bits.unsigned() !== 2 || bits.unsigned() !== 1)
    throw new Error('sequence')
  bits.fixed(1)
  return { width: (bits.unsigned() + 1) * 16, height: (bits.unsigned() + 1) * 16 }
}

/** A slice after another; what is skipped stays as it was. */
function decoder(columns: number, rows: number) {
  const picture = new Uint8Array(columns * rows * 256)
  let frame = -1
  return (nal: Buffer): Uint8Array => {
    frame += 1
    const key = (nal[0] ?? 0) % 32 === 5
    const bits = reader(unescape(nal))
    const header = [bits.unsigned(), bits.unsigned(), bits.unsigned(), bits.fixed(8)]
    const expected = key ? [0, 7, 0, 0] : [0, 5, 0, frame % 256]
    if (header.join() !== expected.join()) throw new Error(`slice header ${header.join(' ')}`)
    if (key) bits.unsigned()
    bits.fixed(key ? 2 : 3)
    if (bits.unsigned() !== 0 || bits.unsigned() !== 1) throw new Error('quantiser or deblocking')
    let block = 0
    while (bits.more()) {
      if (!key) block += bits.unsigned()
      if (!bits.more()) break
      if (bits.unsigned() !== (key ? 25 : 30)) throw new Error('a block that is not raw')
      const raw = bits.raw(384)
      for (let y = 0; y < 16; y += 1) {
        const row = Math.floor(block / columns) * 16 + y
        picture.set(raw.subarray(y * 16, y * 16 + 16), row * columns * 16 + (block % columns) * 16)
      }
      block += 1
    }
    if (block !== columns * rows) throw new Error(`frame ${frame} has ${block} blocks`)
    return picture.slice()
  }
}
