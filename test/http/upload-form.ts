// Uploads a small picture as a form does.
import type { Answer, Gateway } from '../support/gateway.ts'

export async function uploadPicture({ url }: Gateway, key: string): Promise<Answer> {
  const form = new FormData()
  form.append('file', new Blob(['GIF89a\u0001\0\u0001\0\0\0\0;']), 'a.gif')
  const response = await fetch(`${url}/api/v1/files`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body: form,
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: JSON.parse(text) }
}
