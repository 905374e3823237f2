// The thread that stores orders; see `Database.perform`.
import { serveWrites } from '../db/writer-thread.ts'
import { storeOrder } from '../tasks/create.ts'

serveWrites([storeOrder])
