// One connection to the server: bounded in time, with settings of its own, and never used again after a failure.
import type { Duplex } from 'node:stream'
import pg from 'pg'
import { StoreAway, StoreRefused } from '../../errors.ts'
import { isOfPostgres, isRefusal } from '../error-codes.ts'
import { connectInTime } from './connect-in-time.ts'
import { runPrepared } from './prepared.ts'
import type { KnownColumns } from './prepared.ts'
import { storable, valueTypes } from './values.ts'

const connectTimeoutMs = 5_000
/** The process is to end: a server that does not answer is given up sooner. */
export const hurriedConnectMs = 400
/** The first probe of a connection on which nothing is said. */
const keepAliveAfterMs = 10_000
/** The answer of the server about its own timeout comes first. */
const answerMarginMs = 5_000
/** Of what is only said, as that a table is there already; and of what is warned of. */
const noticeCode = '00000'
const warningCode = '01000'
/** The oldest release that its makers still mend. */
const oldestVersion = 130_000

export interface LinkTerms {
  /** What `pg_stat_activity` shows. */
  readonly name: string
  readonly readOnly?: boolean
  /** How long the server may take to let us in. */
  readonly connectMs?: number | undefined
  /**
   * Rows are found by indexes alone. A plan that was made while a table was small is kept for a while, and would go
   * through all of it however large it has become.
   */
  readonly byIndex?: boolean
  /** Statements are sent without waiting for the answers to those before them. */
  readonly pipelined?: boolean
  /** How long a statement may take; 0: as long as it needs. */
  readonly statementMs: number
  /** How long it waits for a lock. */
  readonly lockMs: number
  /** How long a transaction may stand still before the server ends it. */
  readonly idleMs: number
}

export interface Statement {
  readonly text: string
  readonly values?: readonly unknown[]
  /** With a name, the server plans it once for each connection. */
  readonly name?: string | undefined
  readonly rowMode?: 'array' | undefined
  /** How long an answer is waited for, if not for as long as on this connection. */
  readonly timeoutMs?: number | undefined
}

export interface Answer {
  /** What was done: `COMMIT`, or `ROLLBACK` where there was nothing to commit any more. */
  readonly command: string
  readonly rows: readonly unknown[]
}

export class Link {
  readonly #client: pg.Client
  readonly #isPipelined: boolean
  readonly #known: KnownColumns = new Map()
  #isHeldBack = false
  #last: Promise<unknown> = Promise.resolve()
  #open = true
  #warning: string | null = null
  #onLost: () => void = () => undefined
  /** Statements without an answer yet, and when the last one was asked or answered. */
  #asked = 0
  #heardAt = 0

  private constructor(client: pg.Client, isPipelined: boolean) {
    this.#client = client
    this.#isPipelined = isPipelined
    client.on('error', () => this.#lose())
    client.on('end', () => this.#lose())
    client.on('notice', ({ code = warningCode, message }) => {
      // Its severity is in the language of the server.
      if (code !== noticeCode) this.#warning = message ?? code
    })
  }

  /** Throws StoreAway where there is no server, and what the server says where it refuses. */
  static async open(url: string, terms: LinkTerms): Promise<Link> {
    const { name, statementMs, connectMs = connectTimeoutMs, pipelined = false } = terms
    const client = new pg.Client({
      connectionString: url,
      application_name: name,
      keepAlive: true,
      keepAliveInitialDelayMillis: keepAliveAfterMs,
      types: valueTypes,
      pipeline: pipelined,
      ...(statementMs > 0 && { query_timeout: statementMs + answerMarginMs }),
    })
    const link = new Link(client, pipelined)
    try {
      await connectInTime(client, connectMs)
      await link.#introduce(terms)
      return link
    } catch (error) {
      link.#abandon()
      throw isAway(error) ? new StoreAway(error) : error
    }
  }

  get isOpen(): boolean {
    return this.#open
  }

  /** For how long the server has left a statement without an answer. */
  get silentMs(): number {
    return this.#asked === 0 ? 0 : performance.now() - this.#heardAt
  }

  onLost(call: () => void): void {
    this.#onLost = call
    if (!this.#open) call()
  }

  /** One after another, or pipelined. Throws StoreAway if the connection is lost, and what the server says if it refuses. */
  run(statement: Statement): Promise<Answer> {
    if (this.#isPipelined) {
      this.#holdBack()
      return this.#ask(statement)
    }
    const answer = this.#last.then(async () => await this.#ask(statement))
    this.#last = answer.catch(() => undefined)
    return answer
  }

  /** The rows of one statement. */
  async ask<Row>(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    return (await this.run({ text, values })).rows as Row[]
  }

  /** What the server has warned of since it was last asked. */
  takeWarning(): string | null {
    const warning = this.#warning
    this.#warning = null
    return warning
  }

  /** For a server that has fallen silent: what waits for its answers is told at once. */
  cut(): void {
    this.#abandon()
  }

  close(): void {
    this.#lose()
    // Says goodbye; a server that does not answer is not waited for.
    this.#client.end().catch(() => undefined)
  }

  async #ask(statement: Statement): Promise<Answer> {
    if (!this.#open) throw new StoreAway(undefined)
    if (this.#asked === 0) this.#heardAt = performance.now()
    this.#asked += 1
    try {
      return await this.#send(statement)
    } catch (error) {
      if (isRefusal(error) || error instanceof RangeError) throw error
      // An answer may still come, and would be taken for that of the next statement.
      this.#abandon()
      throw new StoreAway(error)
    } finally {
      this.#asked -= 1
      this.#heardAt = performance.now()
    }
  }

  async #send({ text, name, values: given, rowMode, timeoutMs }: Statement): Promise<Answer> {
    const values = given?.map(storable)
    if (name !== undefined && rowMode === 'array') {
      return await runPrepared(this.#client, this.#known, { text, name, values, timeoutMs })
    }
    const bound = timeoutMs !== undefined && { query_timeout: timeoutMs }
    const answer: unknown = await this.#client.query({
      text,
      name,
      values,
      rowMode,
      ...bound,
    } as pg.QueryConfig)
    // Of several statements in one text the last one counts.
    return (Array.isArray(answer) ? answer.at(-1) : answer) as Answer
  }

  /** Statements that are sent in one go of the event loop go out in one write: each would wake the server. */
  #holdBack(): void {
    if (this.#isHeldBack) return
    this.#isHeldBack = true
    this.#stream.cork()
    process.nextTick(() => {
      this.#isHeldBack = false
      this.#stream.uncork()
    })
  }

  #abandon(): void {
    this.#lose()
    this.#stream.destroy()
  }

  get #stream(): Duplex {
    return (this.#client as unknown as { connection: { stream: Duplex } }).connection.stream
  }

  #lose(): void {
    if (!this.#open) return
    this.#open = false
    this.#onLost()
  }

  /** After connecting, since poolers refuse settings that come with the connection. */
  async #introduce(terms: LinkTerms): Promise<void> {
    const { readOnly = false, byIndex = false, statementMs, lockMs, idleMs } = terms
    const settings = {
      ...(byIndex && { enable_seqscan: 'off', enable_hashjoin: 'off', enable_mergejoin: 'off' }),
      statement_timeout: statementMs,
      lock_timeout: lockMs,
      idle_in_transaction_session_timeout: idleMs,
      default_transaction_read_only: readOnly ? 'on' : 'off',
      default_transaction_isolation: 'read committed',
      client_encoding: 'UTF8',
      // A commit that the standby did not confirm is told by a warning.
      client_min_messages: 'warning',
      // The locks of a host that is gone are had again by the next: the system's own probes begin after hours.
      tcp_keepalives_idle: 10,
      tcp_keepalives_interval: 5,
      tcp_keepalives_count: 3,
      tcp_user_timeout: 30_000,
    }
    const set = Object.entries(settings).map(([name, value]) => `set_config('${name}', '${value}', false)`)
    // Commits that are acknowledged before they are written are no commits.
    const durable = `set_config('synchronous_commit',
      CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false)`
    const [found] = await this.ask<{ encoding: string; version: number }>(
      `SELECT current_setting('server_encoding') AS encoding,
        CAST(current_setting('server_version_num') AS integer) AS version, ${[...set, durable].join(', ')}`,
    )
    const { encoding = '', version = 0 } = found ?? {}
    if (encoding !== 'UTF8') {
      throw new StoreRefused(
        `The database is encoded as ${encoding}, which has not every character of a prompt. ` +
          "Make one with ENCODING 'UTF8' TEMPLATE template0, and name it in DATABASE_URL.",
      )
    }
    if (version < oldestVersion) {
      throw new StoreRefused(
        `The server is PostgreSQL ${Math.trunc(version / 10_000)}; tollgate needs 13 or later. Nothing was changed.`,
      )
    }
  }
}

/** It does not answer, is starting or stopping, or has no room for another connection. */
const isAway = (error: unknown): boolean =>
  isOfPostgres(error) ? /^(?:08|53|57)/.test(error.code) : !(error instanceof StoreRefused)
