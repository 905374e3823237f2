// An operator who gives credits and takes them, suspends, revokes, and changes prices.
import { changeAccount } from '../../src/accounts/accounts.ts'
import { createKey, revokeKey } from '../../src/accounts/keys.ts'
import { GatewayError } from '../../src/errors.ts'
import { grant as give } from '../../src/ledger/grant.ts'
import type { History } from './history.ts'
import { Broken } from './model.ts'
import type { Grant } from './model.ts'

const amounts = [-60, -15, -5, 5, 15, 15, 30, 60, 120]

export function grant(history: History): void {
  const { chance, model } = history
  const amount = chance.pick(amounts)
  const given: Grant = {
    note: `grant ${model.grants.length}`,
    account: chance.pick(model.accounts),
    amount,
    fate: 'asked',
  }
  model.grants.push(given)
  ask(history, given)
  if (chance.oneIn(3)) ask(history, given)
}

/** The operator asks for it again, because he was not told, or by mistake. */
export function grantAgain(history: History): void {
  const { chance, model } = history
  if (model.grants.length > 0) ask(history, chance.pick(model.grants))
}

/** The note is its idempotency key too. */
function ask({ lives, model, clock, story }: History, given: Grant): void {
  const { note, account, amount } = given
  story.push(`    ${note}: ${amount} for account ${model.accounts.indexOf(account)}`)
  const notes = { private: note, public: null }
  const wanted = { accountId: account.id, amount, notes, idempotencyKey: note, nowMs: clock.now() }
  lives.ask(
    note,
    async (ctx) => await ctx.db.transaction((tx) => give(tx, wanted)),
    (answer) => {
      const wasStored = given.fate === 'stored'
      if ('error' in answer) {
        const refused = answer.error instanceof GatewayError
        if (refused && !lives.life.troubled) throw new Broken(`${note} was refused`)
        if (!refused) lives.expectNoError(note, answer)
        if (!wasStored) given.fate = 'absent'
        return
      }
      if (answer.value.replayed !== wasStored)
        throw new Broken(`${note}: replayed is ${answer.value.replayed}`)
      if (wasStored) return
      model.granted(given)
      const [said, right] = [answer.value, { balance: model.balanceOf(account), owed: account.owed }]
      if (said.balance !== right.balance || said.owed !== right.owed)
        throw new Broken(`${note} leads to ${JSON.stringify(said)}, not ${JSON.stringify(right)}`)
    },
    (outside) => {
      if (given.fate === 'stored') return
      const found = outside.accounts().find(({ id }) => id === account.id)
      if (found && outside.entriesAfter(0).some((entry) => entry.note === note))
        model.foundGranted(given, found)
      else given.fate = 'absent'
    },
  )
}

export function suspendOrActivate({ lives, model, chance, story }: History): void {
  const account = chance.pick(model.accounts)
  const status = account.suspended ? 'active' : 'suspended'
  story.push(`    account ${model.accounts.indexOf(account)} becomes ${status}`)
  lives.ask(
    status,
    async (ctx) => await ctx.db.transaction((tx) => changeAccount(tx, account.id, { status })),
    (answer) => {
      lives.expectNoError(status, answer)
      if ('value' in answer) account.suspended = status === 'suspended'
    },
    (outside) => {
      const row = outside.accounts().find(({ id }) => id === account.id)
      account.suspended = row?.status === 'suspended'
    },
  )
}

/** An account whose keys are all revoked gets a new one next. */
export function changeKeys({ lives, model, chance, clock, story }: History): void {
  const account = chance.pick(model.accounts)
  const nowMs = clock.now()
  const key = account.keys.find(({ revoked }) => !revoked)
  if (!key) {
    const wanted = { accountId: account.id, name: 'another', expiresAt: null, nowMs }
    lives.ask(
      'a new key',
      async (ctx) => await ctx.db.transaction((tx) => createKey(tx, wanted)),
      (answer) => {
        lives.expectNoError('a new key', answer)
        if ('value' in answer)
          account.keys.push({ id: answer.value.id, secret: answer.value.secret, revoked: false })
      },
    )
    return
  }
  story.push(`    account ${model.accounts.indexOf(account)} loses a key`)
  lives.ask(
    'revoke',
    async (ctx) => await ctx.db.transaction((tx) => revokeKey(tx, key.id, nowMs)),
    (answer) => {
      lives.expectNoError('revoke', answer)
      if ('value' in answer) key.revoked = true
    },
    (outside) => {
      key.revoked = outside.revokedKeys().some(({ id }) => id === key.id)
    },
  )
}
