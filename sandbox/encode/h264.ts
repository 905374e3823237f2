// A minimal H.264 encoder, constrained baseline: changed blocks are sent raw (I_PCM), others skipped.
import { createBits } from './bits.ts'
import type { Bits } from './bits.ts'

/** 16 by 16 brightness, then 8 by 8 of each colour difference: one macroblock in the stream's format. */
export const macroblockBytes = 256 + 64 + 64

export interface StreamShape {
  /** In macroblocks. */
  readonly columns: number
  readonly rows: number
  readonly framesPerSecond: number
}

export interface ParameterSets {
  readonly sequence: Buffer
  readonly picture: Buffer
}

const nalType = { slice: 1, keySlice: 5, sequence: 7, picture: 8 } as const
const baselineProfile = 66
/** The stream conforms to baseline and main, so any decoder may play it. */
const constraintFlags = 0b1100_0000
/** 3.1: up to 1280 by 720, and 14 Mbit/s, which one raw key frame a second would just reach. */
const level = 31
const frameNumberBits = 8
const bt709 = 1

export function parameterSets(shape: StreamShape): ParameterSets {
  return { sequence: writeSequence(shape), picture: writePicture() }
}

function writeSequence({ columns, rows, framesPerSecond }: StreamShape): Buffer {
  const bits = createBits()
  bits.fixed(8, baselineProfile).fixed(8, constraintFlags).fixed(8, level)
  bits.unsigned(0).unsigned(frameNumberBits - 4)
  // Output order is decoding order; one reference frame; no gaps.
  bits.unsigned(2).unsigned(1).fixed(1, 0)
  bits.unsigned(columns - 1).unsigned(rows - 1)
  // Frames only, direct 8x8 inference, no cropping, and usability information follows.
  bits.fixed(1, 1).fixed(1, 1).fixed(1, 0).fixed(1, 1)
  writeUsability(bits, framesPerSecond)
  return bits.asNal(nalType.sequence)
}

function writeUsability(bits: Bits, framesPerSecond: number): void {
  // No aspect ratio, no overscan; video format unspecified, limited range, colours described.
  bits.fixed(2, 0b00).fixed(1, 1).fixed(3, 5).fixed(1, 0).fixed(1, 1)
  bits.fixed(8, bt709).fixed(8, bt709).fixed(8, bt709)
  // No chroma location; a fixed rate, in half frames.
  bits
    .fixed(1, 0)
    .fixed(1, 1)
    .fixed(32, 1)
    .fixed(32, framesPerSecond * 2)
    .fixed(1, 1)
  // No decoder model, no picture structure; no reordering, so no frame is held back.
  bits.fixed(3, 0b000).fixed(1, 1)
  bits.fixed(1, 1).unsigned(0).unsigned(0).unsigned(10).unsigned(10).unsigned(0).unsigned(1)
}

function writePicture(): Buffer {
  const bits = createBits()
  // Sets 0 and 0, variable length codes, no bottom field order, one slice group, one reference.
  bits.unsigned(0).unsigned(0).fixed(2, 0).unsigned(0).unsigned(0).unsigned(0)
  // No weighting, default quantisers; deblocking is set per slice.
  bits.fixed(3, 0).unsigned(0).unsigned(0).unsigned(0).fixed(3, 0b100)
  return bits.asNal(nalType.picture)
}

/** Encodes a complete frame. `blocks` has all its macroblocks, row by row. */
export function encodeKeyFrame(blocks: Uint8Array): Buffer {
  const bits = createBits(blocks.length + blocks.length / 64 + 64)
  const sliceType = 7
  bits.unsigned(0).unsigned(sliceType).unsigned(0).fixed(frameNumberBits, 0).unsigned(0)
  // Earlier pictures may be shown; this one is no long-term reference.
  bits.fixed(2, 0)
  finishHeader(bits)
  const rawType = 25
  for (let at = 0; at < blocks.length; at += macroblockBytes) {
    bits
      .unsigned(rawType)
      .align()
      .bytes(blocks.subarray(at, at + macroblockBytes))
  }
  return bits.asNal(nalType.keySlice)
}

/** Encodes the previous frame except for the macroblocks in `changed`, in ascending order. */
export function encodeChanges(blocks: Uint8Array, changed: readonly number[], frameNumber: number): Buffer {
  const bits = createBits(changed.length * (macroblockBytes + 8) + 64)
  const sliceType = 5
  bits
    .unsigned(0)
    .unsigned(sliceType)
    .unsigned(0)
    .fixed(frameNumberBits, frameNumber % 2 ** frameNumberBits)
  // References: default number and order; sliding window marking.
  bits.fixed(3, 0)
  finishHeader(bits)
  const rawType = 30
  let next = 0
  for (const block of changed) {
    bits
      .unsigned(block - next)
      .unsigned(rawType)
      .align()
    bits.bytes(blocks.subarray(block * macroblockBytes, (block + 1) * macroblockBytes))
    next = block + 1
  }
  const rest = blocks.length / macroblockBytes - next
  if (rest > 0) bits.unsigned(rest)
  return bits.asNal(nalType.slice)
}

/** The quantiser unchanged (a signed 0 is written like an unsigned one), and no deblocking. */
function finishHeader(bits: Bits): void {
  bits.unsigned(0).unsigned(1)
}
