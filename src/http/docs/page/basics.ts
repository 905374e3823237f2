// The sections of the Open API's page: authentication, models, create, query, errors.
import type { Model } from '../../../catalog/listing.ts'
import { errorTypes } from '../../../errors.ts'
import type { ErrorType } from '../../../errors.ts'
import { fragment, raw } from '../html.ts'
import type { Raw } from '../html.ts'
import { all, code, codes, paragraph, table, term, verb } from './code.ts'
import type { Section } from './code.ts'
import { keyPanel } from './key-panel.ts'
import { modelsBody } from './models.ts'
import { sayIn } from './place.ts'
import type { Place, Say } from './place.ts'
import { createSamples, curl, exampleModel, exampleOrder, querySamples } from './samples.ts'

export function basicSections(place: Place, models: readonly Model[]): Section[] {
  const say = sayIn(place)
  return [
    { id: 'authentication', title: say('Authentication', '身份验证'), body: authentication(place) },
    { id: 'models', title: say('Available Models', '可用模型'), body: modelsBody(place, models) },
    { id: 'create', title: say('Create Task', '创建任务'), body: create(place, exampleModel(models)) },
    { id: 'query', title: say('Query Task', '查询任务'), body: query(place, exampleModel(models)) },
    { id: 'errors', title: say('Errors', '错误'), body: errors(say) },
  ]
}

function authentication(place: Place): Raw {
  const say = sayIn(place)
  return all(
    paragraph(
      say(
        'Every request bears an API key as a bearer token. Keep it on your servers: whoever has it spends your credits.',
        '所有请求都必须以 Bearer 令牌的形式携带 API 密钥。请将密钥保存在您的服务器上:持有密钥的人可以使用您的积分。',
      ),
    ),
    code('HTTP', 'Authorization: Bearer sk-YOUR_KEY'),
    keyPanel(place),
    paragraph(
      say('Your balance shows that the key works:', '查询余额即可确认密钥有效:'),
    ),
    code('cURL', curl('GET', `${place.origin}/api/v1/credits`)),
  )
}

function create(place: Place, model: Model | undefined): Raw {
  const say = sayIn(place)
  const terms = (fields: string) => raw(fields.split(', ').map((field) => term(field).raw).join(', '))
  const rows = orderFields(say).map(([fields, meaning]) => [terms(fields), meaning])
  return all(
    paragraph(
      say(
        'Submit a generation request. The answer comes at once, with a <code>task_id</code> to ask for.',
        '提交生成请求。接口立即返回,请用返回的 <code>task_id</code> 查询结果。',
      ),
    ),
    verb('POST', '/api/v1/tasks/create'),
    table([say('Field', '字段'), say('Meaning', '含义')], rows),
    codes(place, createSamples(place.origin, exampleOrder(model))),
    raw(`<h3>${say('Response', '响应').raw}</h3>`),
    code('JSON', created),
    paragraph(
      say(
        '<code>credits</code> is the price of the whole request and is deducted on submit. <strong>Failed tasks are refunded by themselves.</strong> With <code>generate_count</code> there are several tasks, each in <code>task_ids</code>; <code>task_id</code> is the first.',
        '<code>credits</code> 为本次请求的总价,提交时扣除。<strong>失败的任务会自动退还积分。</strong>使用 <code>generate_count</code> 时会有多个任务,全部列在 <code>task_ids</code> 中,<code>task_id</code> 为第一个。',
      ),
    ),
    paragraph(
      say(
        '<code>DELETE /api/v1/tasks/TASK_ID</code> cancels a task that still waits in the queue, and returns its credits.',
        '<code>DELETE /api/v1/tasks/TASK_ID</code> 可取消仍在排队的任务,并退还积分。',
      ),
    ),
  )
}

const orderFields = (say: Say): [string, Raw][] => [
  ['model_id', say('Required. One of the models above.', '必填。上述模型之一。')],
  ['prompt', say('Required. 1 to 1000 characters.', '必填。1 到 1000 个字符。')],
  [
    'image_urls',
    say(
      'Pictures to start from: public http(s) URLs, or what an <a href="#files">upload</a> answered.',
      '参考图片:公开的 http(s) URL,或<a href="#files">上传文件</a>后返回的 URL。',
    ),
  ],
  ['end_image_url', say('The last frame, where the model takes one.', '尾帧图片(仅部分模型支持)。')],
  ['aspect_ratio, resolution, duration, generate_audio', say('As the model takes them.', '取值见各模型的说明。')],
  ['generate_count', say('How many outputs; 1 if left out.', '生成数量,默认为 1。')],
  [
    'callback_url',
    say(
      'Called when a task ends: see <a href="#webhooks">Webhooks</a>.',
      '任务结束时通知的地址,见 <a href="#webhooks">Webhook</a>。',
    ),
  ],
]

const created = `{
  "code": 200,
  "msg": "提交成功,等待生成",
  "data": {
    "task_id": "task_…",
    "request_id": "req_…",
    "credits": 15,
    "task_ids": ["task_…"]
  }
}`

function query(place: Place, model: Model | undefined): Raw {
  const say = sayIn(place)
  return all(
    paragraph(
      say(
        'Ask for the task by its id until <code>task_status</code> is 3 (success) or 4 (failed). <code>?wait=30</code> answers when the task has ended, or after 30 seconds (60 at most) with how it stands, and counts as one request.',
        '按 id 查询任务,直到 <code>task_status</code> 为 3(成功)或 4(失败)。使用 <code>?wait=30</code> 时,接口在任务结束后返回,或在 30 秒(最长 60 秒)后返回当前状态,只计为一次请求。',
      ),
    ),
    verb('GET', '/api/v1/tasks/{task_id}'),
    codes(place, querySamples(place.origin)),
    raw(`<h3>${say('Response', '响应').raw}</h3>`),
    code('JSON', ended(model)),
    paragraph(
      say(
        '<code>task_status</code>: 1 queued, 2 running, 3 success, 4 failed. Download the result before <code>result_expires_at</code> (Unix seconds). A failed task says why in <code>error_message</code>, and <code>credits_refunded</code> are back.',
        '<code>task_status</code>:1 排队中,2 生成中,3 成功,4 失败。请在 <code>result_expires_at</code>(Unix 秒)之前下载结果。失败的任务在 <code>error_message</code> 中说明原因,<code>credits_refunded</code> 为已退还的积分。',
      ),
    ),
    paragraph(
      say(
        'Your tasks, newest first; <code>next_cursor</code> leads to the next page. <code>GET /api/v1/tasks/TASK_ID/events</code> is one task as Server-Sent Events.',
        '任务列表(最新的在前),<code>next_cursor</code> 用于获取下一页。<code>GET /api/v1/tasks/TASK_ID/events</code> 以 Server-Sent Events 推送单个任务的变化。',
      ),
    ),
    code('cURL', curl('GET', `${place.origin}/api/v1/tasks?limit=20`)),
  )
}

const ended = (model: Model | undefined): string => {
  const isVideo = model?.taskType === 'video'
  return JSON.stringify(
    {
      code: 200,
      msg: 'ok',
      data: {
        task_id: 'task_…',
        task_status: 3,
        task_type: isVideo ? 'video' : 'image',
        model_id: model?.id ?? 'model',
        image_url: isVideo ? null : 'https://…',
        video_url: isVideo ? 'https://…' : null,
        audio_url: null,
        credits: 15,
        created_at: 1_730_000_000,
      },
    },
    null,
    2,
  )
}

function errors(say: Say): Raw {
  const rows = errorTypes.map((type) => [term(type), errorAdvice(say)[type]])
  return all(
    raw(
      fragment`<ul>
<li><code>code: 200</code> — ${say('success.', '成功。')}</li>
<li><code>code: 0</code> — ${say('business failure, with HTTP 200: <code>msg</code> says why, <code>error.type</code> and <code>error.field</code> say it to programs. Nothing was charged.', '业务失败(HTTP 状态为 200):<code>msg</code> 说明原因,<code>error.type</code> 与 <code>error.field</code> 供程序判断。未扣除积分。')}</li>
<li><code>HTTP 401</code> — ${say('invalid or missing API key.', 'API 密钥无效或缺失。')}</li>
<li><code>HTTP 429</code> — ${say('too many requests: wait for as long as <code>Retry-After</code> says.', '请求过多:请按 <code>Retry-After</code> 的时间等待后重试。')}</li>
<li><code>HTTP 500, 503</code> — ${say('try again with the same <a href="#idempotency">Idempotency-Key</a>.', '请使用相同的 <a href="#idempotency">Idempotency-Key</a> 重试。')}</li>
</ul>`,
    ),
    table([term('error.type'), say('What to do', '处理方式')], rows),
  )
}

const errorAdvice = (say: Say): Readonly<Record<ErrorType, Raw>> => {
  const provider = say('Ask your provider.', '请联系您的服务商。')
  const later = say('Wait for <code>Retry-After</code>, then send the same again.', '按 <code>Retry-After</code> 等待后重新发送相同的请求。')
  return {
    unauthorized: say('Check the key.', '请检查密钥。'),
    invalid_request: say('Change what <code>error.field</code> names.', '请修改 <code>error.field</code> 指出的字段。'),
    unknown_model: say('Use a <code>model_id</code> of this page.', '请使用本页列出的 <code>model_id</code>。'),
    insufficient_credits: say('Add credits.', '请充值积分。'),
    not_found: say('There is no such thing in this account.', '该账户中没有此内容。'),
    idempotency_mismatch: say('The Idempotency-Key stands for another order: use a new one.', '该 Idempotency-Key 已用于其他订单,请换一个。'),
    rate_limited: later,
    too_many_tasks: say('Wait until tasks have ended, then send the same again.', '等待已有任务结束后重新发送相同的请求。'),
    too_late: say('The task is being made already: it cannot be cancelled.', '任务已开始生成,无法取消。'),
    credit_cap: say('The key has reached its limit of credits.', '该密钥已达到积分上限。'),
    invalid_code: say('The code is mistyped, spent or void.', '兑换码有误、已使用或已作废。'),
    account_suspended: provider,
    forbidden_address: say('The key may not be used from this address.', '该密钥不允许从此地址使用。'),
    payload_too_large: say('Send a smaller body.', '请减小请求体。'),
    unsupported_media_type: say('Send another format.', '请更换格式。'),
    unavailable: later,
    internal: say('Send the same again, with the same Idempotency-Key.', '使用相同的 Idempotency-Key 重新发送相同的请求。'),
  }
}
