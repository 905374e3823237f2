// The thread that stores orders; see `Database.perform`.
import { serveWrites } from '../db/writer-thread.ts'
import { storeOrderOnce, twinInLine } from '../tasks/create-once.ts'
import { storeOrder } from '../tasks/create.ts'

serveWrites([storeOrder, storeOrderOnce, twinInLine])
