// Detects commits lost in a damaged write-ahead log: SQLite silently stops at the first bad frame.
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs'

// Format: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
const headerBytes = 32
const frameHeaderBytes = 24
const magicLittleEndian = 0x377f0682
/** For a store whose first page is still only in the log. */
const pageBytesUsual = 4_096
/** A power failure may have cut off the last transaction; the one before it was on disk by then. */
const tornMax = 1

/**
 * One message per damage, empty if none. For a store that is not open, with a log left by a killed process:
 * the next process to open the store for writing makes the loss final.
 */
export function damageInLog(file: string): string[] {
  const path = `${file}-wal`
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) <= headerBytes) return []
  const lost = commitsBehindDamage(readFileSync(path), pageBytesOf(file))
  if (lost <= tornMax) return []
  return [
    `${path} is damaged: ${lost} transactions stand behind a bad frame and would be lost when the store is opened`,
  ]
}

function pageBytesOf(file: string): number {
  const head = Buffer.alloc(18)
  const handle = openSync(file, 'r')
  try {
    if (readSync(handle, head) < head.length) return pageBytesUsual
  } finally {
    closeSync(handle)
  }
  return head.readUInt16BE(16) === 1 ? 65_536 : head.readUInt16BE(16)
}

function commitsBehindDamage(log: Buffer, pageBytes: number): number {
  const size = frameHeaderBytes + pageBytes
  if (log.length < headerBytes + size) return 0
  const sum = checksum(log.readUInt32BE(0) === magicLittleEndian)
  sum.add(log, 0, 24)
  let whole = sum.equals(log, 24)
  // A damaged header cannot tell which frames belong to it; the first frame can.
  const salt = log.readBigUInt64BE(whole ? 16 : headerBytes + 8)
  let lost = 0
  for (let at = headerBytes; at + size <= log.length; at += size) {
    sum.add(log, at, 8)
    sum.add(log, at + frameHeaderBytes, pageBytes)
    const ofThisLog = log.readBigUInt64BE(at + 8) === salt
    whole &&= ofThisLog && sum.equals(log, at + 16)
    const commits = log.readUInt32BE(at + 4) > 0
    if (!whole && ofThisLog && commits) lost += 1
  }
  return lost
}

function checksum(littleEndian: boolean) {
  let [one, two] = [0, 0]
  return {
    add(bytes: Buffer, from: number, length: number): void {
      const view = new DataView(bytes.buffer, bytes.byteOffset + from, length)
      for (let at = 0; at + 8 <= length; at += 8) {
        one = (one + view.getUint32(at, littleEndian) + two) >>> 0
        two = (two + view.getUint32(at + 4, littleEndian) + one) >>> 0
      }
    },
    equals: (bytes: Buffer, at: number): boolean =>
      bytes.readUInt32BE(at) === one && bytes.readUInt32BE(at + 4) === two,
  }
}
