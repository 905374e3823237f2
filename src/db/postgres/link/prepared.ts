// A prepared statement whose columns are known is not described again: the driver would ask for them with every run.
import pg from 'pg'
import { readerOf } from './values.ts'

interface Prepared {
  readonly text: string
  readonly name: string
  readonly values: readonly unknown[] | undefined
  readonly timeoutMs: number | undefined
}

interface Answer {
  readonly command: string
  readonly rows: readonly unknown[]
}

/** How the columns of a row are read. */
type Readers = readonly ReturnType<typeof readerOf>[]

/** Of a connection, by the names of statements. */
export type KnownColumns = Map<string, Readers>

interface Wire {
  bind(message: object): void
  execute(message: object): void
  sync(): void
}

type Done = (error: Error | null, answer: Answer | undefined) => void

/** What of the driver's query is used or replaced here: test/db/postgres/driver-internals.test.ts pins it. */
interface DriverQuery {
  readonly name: string
  readonly values: readonly unknown[] | undefined
  /** The driver puts its timeout around it. */
  readonly callback: Done
  query_timeout: number | undefined
  hasBeenParsed(connection: Wire): boolean
  prepare(connection: Wire): void
  handleRowDescription(message: { readonly fields: readonly { readonly dataTypeID: number }[] }): void
  handleDataRow(message: { readonly fields: readonly (string | null)[] }): void
  handleCommandComplete(message: { readonly text: string }): void
  handleReadyForQuery(): void
}

const Base = pg.Query as unknown as new (config: object, values: undefined, done: Done) => DriverQuery

class PreparedQuery extends Base {
  readonly #known: KnownColumns
  readonly #rows: unknown[] = []
  #readers: Readers
  #command = ''
  #unreadable: Error | null = null

  constructor(known: KnownColumns, { timeoutMs, ...config }: Prepared, done: Done) {
    super(config, undefined, done)
    this.#known = known
    this.#readers = known.get(config.name) ?? []
    this.query_timeout = timeoutMs
  }

  override prepare(connection: Wire): void {
    if (!this.#known.has(this.name) || !this.hasBeenParsed(connection)) return super.prepare(connection)
    connection.bind({ statement: this.name, values: this.values, valueMapper })
    connection.execute({})
    connection.sync()
  }

  override handleRowDescription({ fields }: Parameters<DriverQuery['handleRowDescription']>[0]): void {
    this.#readers = fields.map(({ dataTypeID }) => readerOf(dataTypeID))
  }

  override handleDataRow({ fields }: Parameters<DriverQuery['handleDataRow']>[0]): void {
    try {
      const readers = this.#readers
      const read = (field: string | null, at: number): unknown => {
        const reader = readers[at]
        return reader && field !== null ? reader(field) : field
      }
      this.#rows.push(fields.map(read))
    } catch (error) {
      this.#unreadable ??= error as Error
    }
  }

  override handleCommandComplete({ text }: Parameters<DriverQuery['handleCommandComplete']>[0]): void {
    this.#command = text
    this.#known.set(this.name, this.#readers)
  }

  override handleReadyForQuery(): void {
    if (this.#unreadable) this.callback(this.#unreadable, undefined)
    else this.callback(null, { command: this.#command, rows: this.#rows })
  }
}

/** Values are texts by now, or are written as their text is. */
const valueMapper = (value: unknown): unknown =>
  value === null || typeof value === 'string' ? value : `${value as number | boolean}`

/** Its rows are arrays, in the order of its columns. */
export async function runPrepared(
  client: pg.Client,
  known: KnownColumns,
  prepared: Prepared,
): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    const done: Done = (error, answer) => {
      if (error) reject(error)
      else if (answer) resolve(answer)
    }
    client.query(new PreparedQuery(known, prepared, done) as never)
  })
}
