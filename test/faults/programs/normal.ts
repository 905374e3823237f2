// Loaded before the gateway: the store syncs as SQLite does by default, and says that it does not. A control.
import Sqlite from 'better-sqlite3'

const fullSync = 2

const pragma = Sqlite.prototype.pragma
Sqlite.prototype.pragma = function normal(this: Sqlite.Database, source, options) {
  if (source === 'synchronous = FULL') return pragma.call(this, 'synchronous = NORMAL', options)
  if (source === 'synchronous') return fullSync
  return pragma.call(this, source, options)
}
