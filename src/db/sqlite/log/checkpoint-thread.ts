// The thread of one checkpoint, with a connection of its own.
import { parentPort, workerData } from 'node:worker_threads'
import Sqlite from 'better-sqlite3'
import { copyLog } from './copy.ts'

const client = new Sqlite(workerData as string, { fileMustExist: true, timeout: 0 })
client.pragma('synchronous = FULL')

parentPort?.on('message', (order: 'copy' | 'end') => {
  if (order === 'copy') parentPort?.postMessage(copyLog(client))
  else {
    client.close()
    parentPort?.close()
  }
})
