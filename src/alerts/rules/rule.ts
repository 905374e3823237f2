// What a rule is: it looks at one thing, and says what is wrong with it now.
import type { AlertRuleName } from '../../config/alerts.ts'

/** What was measured, for the words of a message and for programs. */
export type Facts = Readonly<Record<string, string | number | null>>

export interface Finding {
  /** What it is about, where a rule looks at several things; empty: the gateway. Up to 200 characters. */
  readonly subject: string
  readonly facts: Facts
}

export interface Rule {
  readonly name: AlertRuleName
  /** `store`: one gateway looks for all. `process`: each looks, because each may see something else. */
  readonly scope: 'store' | 'process'
  /** How long something has to be found before it is an alert. */
  readonly afterMs: number
  /** What is wrong now. Null: that cannot be told now, so nothing that was wrong counts as over. */
  find(nowMs: number): Promise<readonly Finding[] | null>
}

/** The gateway as a whole. */
export const noSubject = ''
