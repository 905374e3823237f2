// Commits that a damaged write-ahead log would lose: SQLite reads it up to the first bad frame and says nothing of the rest.
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs'

// As https://www.sqlite.org/fileformat2.html#the_write_ahead_log has it.
const headerBytes = 32
const frameHeaderBytes = 24
const magicLittleEndian = 0x377f0682
/** Of a store whose first page stands in the log still. */
const pageBytesUsual = 4_096
/** The last transaction may have been cut off by the power failing; before the one after it, it was on the disk. */
const tornMax = 1

/**
 * In words; nothing where nothing was found. For a store that nobody has open, of which a killed process left the
 * log: whoever opens the store for writing makes the loss final.
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
  // A header that is damaged cannot say which frames are its own; the first is.
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
