// The sections behind those of the Open API: sending again, webhooks, files, credits, test keys.
import type { Model } from '../../../catalog/listing.ts'
import { quoteMinutes } from '../../../tasks/create/quote.ts'
import { fragment, raw } from '../html.ts'
import type { Raw } from '../html.ts'
import { all, code, codes, paragraph, verb } from './code.ts'
import type { Section } from './code.ts'
import { inLanguage, sayIn } from './place.ts'
import type { Place } from './place.ts'
import { receivers } from './receivers.ts'
import { curl, curlWith, exampleOrder, uploadSamples } from './samples.ts'

export function furtherSections(place: Place, model: Model | undefined): Section[] {
  const say = sayIn(place)
  return [
    { id: 'idempotency', title: say('Idempotency', '幂等性'), body: idempotency(place, model) },
    { id: 'prices', title: say('Price Before You Order', '下单前查询价格'), body: prices(place, model) },
    { id: 'webhooks', title: say('Webhooks', 'Webhook'), body: webhooks(place) },
    { id: 'files', title: say('Files', '文件'), body: files(place, model) },
    { id: 'credits', title: say('Credits', '积分'), body: credits(place) },
    ...(place.hasTestKeys
      ? [{ id: 'test-keys', title: say('Test Keys', '测试密钥'), body: testKeys(place) }]
      : []),
  ]
}

function idempotency(place: Place, model: Model | undefined): Raw {
  const say = sayIn(place)
  const url = `${place.origin}/api/v1/tasks/create`
  return all(
    paragraph(
      say(
        'Give each order a name of your own in <code>Idempotency-Key</code>, such as a UUID, and it can be sent as often as it takes: when no answer came, or HTTP 429, 500 or 503.',
        '在 <code>Idempotency-Key</code> 中为每个订单指定一个唯一的名称(例如 UUID),即可放心重试:无论是没有收到响应,还是收到 HTTP 429、500 或 503。',
      ),
    ),
    code(
      'cURL',
      curlWith({
        url,
        body: exampleOrder(model),
        headers: ['Idempotency-Key: 5f0c2c9e-6d0b-4c58-9a3e-2f1f6f1b7a10'],
      }),
    ),
    paragraph(
      say(
        'For at least 24 hours the same key with the same body gives the first answer again, with <code>Idempotency-Replayed: true</code>, and charges nothing. With another body it is refused as <code>idempotency_mismatch</code>. What was refused leaves its key free. A key has 1 to 255 printable ASCII characters.',
        '至少 24 小时内,相同的键与相同的请求体会返回首次的响应,并带有 <code>Idempotency-Replayed: true</code>,不会重复扣费。若请求体不同,则返回 <code>idempotency_mismatch</code>。被拒绝的请求不占用其键。键由 1 到 255 个可打印 ASCII 字符组成。',
      ),
    ),
  )
}

function prices(place: Place, model: Model | undefined): Raw {
  const say = sayIn(place)
  return all(
    paragraph(
      say(
        `The body of an order, and the answer says its price without ordering. Its <code>quote_id</code>, sent with the order, holds that price for ${quoteMinutes} minutes; <code>max_credits</code> refuses an order that costs more.`,
        `发送订单内容即可查询价格,不会下单。下单时附上返回的 <code>quote_id</code>,该价格在 ${quoteMinutes} 分钟内有效;<code>max_credits</code> 会拒绝超出此价格的订单。`,
      ),
    ),
    verb('POST', '/api/v1/quote'),
    code('cURL', curlWith({ url: `${place.origin}/api/v1/quote`, body: exampleOrder(model) })),
  )
}

function webhooks(place: Place): Raw {
  const say = sayIn(place)
  const { origin, webhooks: settings } = place
  const seconds = Math.floor(settings.timeoutMs / 1_000)
  const tries = settings.scheduleMs.length
  return all(
    paragraph(
      say(
        'Instead of asking, be told: when a task ends, the task is posted to your URL. An order with a <code>callback_url</code> is told there; all others go to the URL of the account:',
        '无需轮询:任务结束时,其内容会以 POST 方式发送到您的地址。订单若指定了 <code>callback_url</code>,则通知该地址;其余订单通知账户设置的地址:',
      ),
    ),
    code(
      'cURL',
      curlWith({
        method: 'PUT',
        url: `${origin}/api/v1/webhooks`,
        body: { url: 'https://your-server.example/webhooks' },
      }),
    ),
    paragraph(
      say(
        'Messages are signed, as <a href="https://www.standardwebhooks.com">Standard Webhooks</a> are. The secret is shown once; after a new one, both sign for 24 hours.',
        '消息按照 <a href="https://www.standardwebhooks.com">Standard Webhooks</a> 签名。签名密钥仅显示一次;更换后,新旧密钥在 24 小时内同时签名。',
      ),
    ),
    code('cURL', curl('POST', `${origin}/api/v1/webhooks/secret`)),
    paragraph(
      say(
        'Verify before you believe, over the bytes of the body as they came. A receiver that does, on port 8000, with the secret in <code>WEBHOOK_SECRET</code>:',
        '请先用原始请求体的字节验证签名,再处理消息。下面的接收程序监听 8000 端口,签名密钥取自 <code>WEBHOOK_SECRET</code>:',
      ),
    ),
    codes(place, receivers),
    paragraph(
      say(
        `The body has <code>type</code> (<code>task.succeeded</code> or <code>task.failed</code>), <code>timestamp</code> and <code>data</code>, the task as a query shows it. Answer 2xx within ${seconds} seconds. Other answers are tried again up to ${tries} times with growing pauses, so a message may come twice: remember <code>webhook-id</code>. This sends one for a trial, and says what your server answered:`,
        `消息体包含 <code>type</code>(<code>task.succeeded</code> 或 <code>task.failed</code>)、<code>timestamp</code> 和 <code>data</code>(与查询任务的结果相同)。请在 ${seconds} 秒内返回 2xx,否则会以逐渐加长的间隔重试,最多 ${tries} 次,因此同一消息可能收到多次,请以 <code>webhook-id</code> 去重。以下请求会发送一条测试消息,并返回您的服务器的响应:`,
      ),
    ),
    code('cURL', curl('POST', `${origin}/api/v1/webhooks/test`)),
  )
}

function files(place: Place, model: Model | undefined): Raw {
  const say = sayIn(place)
  const order = { ...exampleOrder(model), image_urls: ['FILE_URL'] }
  const takesPictures = (model?.parameters['image_urls']?.max ?? 0) > 0
  return all(
    paragraph(
      say(
        'A picture that has no public URL is uploaded first: JPG, PNG, BMP, WebP or GIF, 20 MB at most.',
        '没有公开 URL 的图片请先上传:支持 JPG、PNG、BMP、WebP 和 GIF,最大 20 MB。',
      ),
    ),
    verb('POST', '/api/v1/files'),
    codes(place, uploadSamples(place.origin)),
    takesPictures
      ? all(
          paragraph(
            say(
              '<code>data.url</code> of the answer goes into <code>image_urls</code>:',
              '将返回的 <code>data.url</code> 填入 <code>image_urls</code>:',
            ),
          ),
          code('cURL', curlWith({ url: `${place.origin}/api/v1/tasks/create`, body: order })),
        )
      : raw(''),
  )
}

function credits(place: Place): Raw {
  const say = sayIn(place)
  const { origin, brand } = place
  const { buyUrl, buyText } = brand
  const buy =
    buyUrl === null
      ? raw('')
      : paragraph(
          raw(
            fragment`<a href="${buyUrl}">${buyText === null ? say('Buy credits', '购买积分') : inLanguage(place, buyText)}</a>${say('. An order that the balance does not pay is refused as <code>insufficient_credits</code>, and <code>error.buy_url</code> says where to buy.', '。余额不足的订单会返回 <code>insufficient_credits</code>,<code>error.buy_url</code> 为购买地址。')}`,
          ),
        )
  return all(
    buy,
    paragraph(say('Every entry of your account, newest first:', '账户的全部积分明细(最新的在前):')),
    code('cURL', curl('GET', `${origin}/api/v1/ledger?limit=20`)),
    paragraph(say('A redemption code becomes credits:', '兑换码可兑换为积分:')),
    code(
      'cURL',
      curlWith({ url: `${origin}/api/v1/credits/redeem`, body: { code: 'tg-XXXXX-XXXXX-XXXXX-XXXXX' } }),
    ),
  )
}

function testKeys(place: Place): Raw {
  const say = sayIn(place)
  return paragraph(
    say(
      `A key that begins with <code>sk-test-</code> opens the same API against a sandbox with play credits: real files within seconds, nothing ordered or charged, and <code>x-tollgate-sandbox: true</code> on each answer. A prompt with the word <code>fail</code> fails, with <code>slow</code> takes a minute, with <code>lost</code> is accepted and then fails. <a href="${place.root}console/keys">Make one</a> in the console.`,
      `以 <code>sk-test-</code> 开头的密钥使用同样的接口,但在沙箱中以试用积分运行:几秒内返回真实文件,不会产生真实订单或费用,每个响应都带有 <code>x-tollgate-sandbox: true</code>。提示词包含 <code>fail</code> 时任务失败,包含 <code>slow</code> 时需要一分钟,包含 <code>lost</code> 时先被接受然后失败。可在控制台<a href="${place.root}console/keys">创建</a>。`,
    ),
  )
}
