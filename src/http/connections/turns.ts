// Shares the event loop among connections: limited work per turn, and one step per connection at a time.

export interface Task {
  /** Does a small step of work; returns its units. */
  step(): number
  hasMore(): boolean
}

/**
 * Connections that were idle come before those that had a step already and want more (as flows do in RFC
 * 8290): a customer's single request does not wait for the backlog of others.
 */
export class Turns {
  readonly #unitsMax: number
  #left: number
  readonly #fresh = new Set<Task>()
  readonly #backlogged = new Set<Task>()
  #isScheduled = false

  constructor(unitsMax: number) {
    this.#unitsMax = unitsMax
    this.#left = unitsMax
  }

  /** Runs a step at once if this turn has units left. */
  take(task: Task): void {
    if (this.#fresh.has(task) || this.#backlogged.has(task)) return
    if (this.#left > 0 && this.#fresh.size === 0) return this.#step(task)
    this.#fresh.add(task)
    this.#schedule()
  }

  /** Runs a step in a later turn. */
  defer(task: Task): void {
    if (!this.#fresh.has(task)) this.#backlogged.add(task)
    this.#schedule()
  }

  #step(task: Task): void {
    this.#left -= task.step()
    if (task.hasMore()) this.#backlogged.add(task)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => this.#turn())
  }

  #turn(): void {
    this.#isScheduled = false
    this.#left = this.#unitsMax
    // Tasks that want more after their step wait for the next turn.
    const sizes = [this.#fresh.size, this.#backlogged.size] as const
    this.#serve(this.#fresh, sizes[0])
    this.#serve(this.#backlogged, sizes[1])
    if (this.#fresh.size + this.#backlogged.size > 0) this.#schedule()
  }

  #serve(tasks: Set<Task>, count: number): void {
    let left = count
    for (const task of tasks) {
      if (left === 0 || this.#left <= 0) return
      left -= 1
      tasks.delete(task)
      this.#step(task)
    }
  }
}
