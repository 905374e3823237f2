// The receivers of webhooks that customers copy: each verifies the signature over the bytes as they came.
import type { Sample } from './code.ts'

const javascript = `import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import { buffer } from 'node:stream/consumers'

const { env } = process
const secret = Buffer.from(env.WEBHOOK_SECRET.replace('whsec_', ''), 'base64')

function isGenuine({ 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signatures = '' }, body) {
  if (!(Math.abs(Date.now() / 1000 - Number(time)) < 300)) return false
  const digest = createHmac('sha256', secret).update(\`\${id}.\${time}.\`).update(body).digest('base64')
  const expected = Buffer.from(\`v1,\${digest}\`)
  return signatures.split(' ').some((signature) => {
    const given = Buffer.from(signature)
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
}

createServer(async (request, response) => {
  const body = await buffer(request)
  const genuine = isGenuine(request.headers, body)
  response.writeHead(genuine ? 204 : 400).end()
  if (!genuine) return
  const { type, data } = JSON.parse(body)
  console.log(type, data.task_id, data.image_url ?? data.video_url ?? data.error_message)
}).listen(8000)`

const python = `import base64, hashlib, hmac, json, os, time
from http.server import BaseHTTPRequestHandler, HTTPServer

secret = base64.b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_"))

def is_genuine(headers, body):
    message, sent = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not sent.isdecimal() or abs(time.time() - int(sent)) > 300:
        return False
    signed = f"{message}.{sent}.".encode() + body
    expected = b"v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest())
    signatures = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(expected, one.encode()) for one in signatures)

class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        genuine = is_genuine(self.headers, body)
        self.send_response(204 if genuine else 400)
        self.end_headers()
        if genuine:
            event = json.loads(body)
            print(event["type"], event["data"].get("task_id"), flush=True)

HTTPServer(("", 8000), Receiver).serve_forever()`

/** In the language that Node runs without a build, whose types a reader adds. */
export const receivers: readonly Sample[] = [
  { name: 'JavaScript', code: javascript },
  { name: 'Python', code: python },
]
