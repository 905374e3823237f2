// MP4: one video track, its index before its frames, so that it plays while it loads.
import type { ParameterSets } from './h264.ts'

export interface Movie {
  readonly width: number
  readonly height: number
  readonly framesPerSecond: number
  readonly sets: ParameterSets
  /** One NAL unit each; the first is the only key frame. */
  readonly frames: readonly Buffer[]
}

/** Units per second: divisible by every usual frame rate. */
const timescale = 600
const lengthBytes = 4

export function muxMp4(movie: Movie): Buffer {
  const type = box('ftyp', text('isom'), int32(0x200), text('isomiso2avc1mp41'))
  const samples = movie.frames.map((frame) => Buffer.concat([int32(frame.length), frame]))
  const sizes = samples.map((sample) => sample.length)
  const boxHeader = 8
  // The index contains the offset of the frames, which depends on the index's length: it is built twice.
  const place = type.length + index(movie, sizes, 0).length + boxHeader
  return Buffer.concat([type, index(movie, sizes, place), box('mdat', ...samples)])
}

function index(movie: Movie, sizes: readonly number[], place: number): Buffer {
  const duration = int32(frameTime(movie) * sizes.length)
  const undetermined = int16(0x55c4)
  const selfContained = full('url ', 1)
  const media = box(
    'mdia',
    full('mdhd', 0, unknownTimes, int32(timescale), duration, undetermined, zeros(2)),
    full('hdlr', 0, zeros(4), text('vide'), zeros(12), text('video\0')),
    box(
      'minf',
      full('vmhd', 1, zeros(8)),
      box('dinf', full('dref', 0, int32(1), selfContained)),
      sampleTable(movie, sizes, place),
    ),
  )
  return box('moov', movieHeader(duration), box('trak', trackHeader(movie, duration), media))
}

function frameTime({ framesPerSecond }: Movie): number {
  return timescale / framesPerSecond
}

/** Creation and modification time: not set. */
const unknownTimes = Buffer.alloc(8)
const matrix = Buffer.concat([0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000].map(int32))

function movieHeader(duration: Buffer): Buffer {
  const [rate, volume, nextTrack] = [int32(0x10000), int16(0x100), int32(2)]
  const times = Buffer.concat([unknownTimes, int32(timescale), duration])
  return full('mvhd', 0, times, rate, volume, zeros(10), matrix, zeros(24), nextTrack)
}

function trackHeader({ width, height }: Movie, duration: Buffer): Buffer {
  const enabledInMovieAndPreview = 7
  const times = Buffer.concat([unknownTimes, int32(1), zeros(4), duration])
  const size = Buffer.concat([int32(width * 0x10000), int32(height * 0x10000)])
  return full('tkhd', enabledInMovieAndPreview, times, zeros(16), matrix, size)
}

function sampleTable(movie: Movie, sizes: readonly number[], place: number): Buffer {
  return box(
    'stbl',
    full('stsd', 0, int32(1), sampleEntry(movie)),
    full('stts', 0, int32(1), int32(sizes.length), int32(frameTime(movie))),
    full('stss', 0, int32(1), int32(1)),
    full('stsc', 0, int32(1), int32(1), int32(sizes.length), int32(1)),
    full('stsz', 0, int32(0), int32(sizes.length), ...sizes.map(int32)),
    full('stco', 0, int32(1), int32(place)),
  )
}

function sampleEntry({ width, height, sets }: Movie): Buffer {
  const dotsPerInch = int32(72 * 0x10000)
  const depth = int16(24)
  const noColourTable = int16(0xffff)
  const { sequence, picture } = sets
  const configuration = box(
    'avcC',
    Buffer.from([1]),
    // Profile, constraints and level, repeated from the sequence parameter set.
    sequence.subarray(1, 4),
    Buffer.from([0xfc | (lengthBytes - 1), 0xe1]),
    int16(sequence.length),
    sequence,
    Buffer.from([1]),
    int16(picture.length),
    picture,
  )
  const head = [
    zeros(6),
    int16(1),
    zeros(16),
    int16(width),
    int16(height),
    dotsPerInch,
    dotsPerInch,
    zeros(4),
    int16(1),
  ]
  return box('avc1', ...head, zeros(32), depth, noColourTable, configuration)
}

function box(type: string, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  return Buffer.concat([int32(content.length + 8), text(type), content])
}

/** A version 0 box with flags. */
function full(type: string, flags: number, ...parts: readonly Buffer[]): Buffer {
  return box(type, int32(flags), ...parts)
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

function text(letters: string): Buffer {
  return Buffer.from(letters, 'latin1')
}

function zeros(count: number): Buffer {
  return Buffer.alloc(count)
}
