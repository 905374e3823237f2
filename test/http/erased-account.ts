// Erases an account that was made for it, by the operator API.
import type { Answer, Gateway } from '../support/gateway.ts'

export async function eraseNew({ operator }: Pick<Gateway, 'operator'>): Promise<Answer> {
  const { id } = (await operator('POST', '/accounts', { name: 'to be erased' })).json.data
  return await operator('DELETE', `/accounts/${id}?confirm=${id}`)
}
