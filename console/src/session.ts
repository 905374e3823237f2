// Who is signed in, and the steps that change it.
import { effect, signal } from '@preact/signals'
import { onSignedOut, root, send } from './api/client.ts'
import { forget } from './api/queries.ts'

export interface CustomerSession {
  readonly signed_in: true
  readonly role: 'customer'
  readonly account: { readonly id: string; readonly name: string }
  readonly key: { readonly id: string; readonly name: string; readonly prefix: string }
  readonly opened_by: 'key' | 'link' | 'password'
  readonly has_password: boolean
  readonly may: { readonly make_keys: boolean; readonly set_password: boolean }
  readonly expires_at: number
}

export interface OperatorSession {
  readonly signed_in: true
  readonly role: 'operator'
  readonly operator: { readonly name: string; readonly role: 'owner' | 'support' | 'viewer' }
  readonly expires_at: number
}

export type Session = CustomerSession | OperatorSession

/** Undefined until the gateway has said who is signed in; null: nobody is. */
export const session = signal<Session | null | undefined>(undefined)
/** Whether a session has ended while the page was open. */
export const hasEnded = signal(false)

const place = `${root}/console/session`
const rolePlace = 'tollgate-role'

/** The role of the last session in this browser. Null: there was none, or the browser stores nothing. */
export function lastRole(): Session['role'] | null {
  try {
    const role = localStorage.getItem(rolePlace)
    return role === 'customer' || role === 'operator' ? role : null
  } catch {
    return null
  }
}

effect(() => {
  const role = session.value?.role
  if (role === undefined) return
  try {
    localStorage.setItem(rolePlace, role)
  } catch {
    // A browser that keeps nothing loads the pages a moment later.
  }
})

const take = (answer: unknown): Session | null => {
  const { data } = answer as { readonly data: Session | { readonly signed_in: false } }
  return data.signed_in ? data : null
}

/** Throws where the gateway cannot be reached. */
export async function resume(): Promise<void> {
  session.value = take(await send('get', place))
}

export type Proof =
  | { readonly secret: string }
  | { readonly link: string }
  | { readonly account: string; readonly password: string }

/** Throws a `Refusal` for a wrong key, link or password. */
export async function signIn(proof: Proof): Promise<void> {
  const opened = take(await send('post', place, { body: proof }))
  forget()
  hasEnded.value = false
  session.value = opened
}

/** Stands in examples for the key of who is signed in, which is written in as they are copied. */
export const keyPlace = 'sk-…'

/** The text with the key that opened the session, where one did. */
export async function withKey(text: string): Promise<string> {
  if (!text.includes(keyPlace)) return text
  const answer = await send('get', `${place}/key`)
  const { key } = (answer as { readonly data: { readonly key: string | null } }).data
  return text.replaceAll(keyPlace, () => key ?? keyPlace)
}

export async function signOut(): Promise<void> {
  await send('delete', place)
  end()
}

export async function signOutEverywhere(): Promise<void> {
  await send('delete', `${root}/console/sessions`)
  end()
}

export async function setPassword(password: string): Promise<void> {
  await send('put', `${root}/console/password`, { body: { password } })
  await resume()
}

function end(): void {
  forget()
  session.value = null
}

onSignedOut(() => {
  if (!session.value) return
  hasEnded.value = true
  end()
})
