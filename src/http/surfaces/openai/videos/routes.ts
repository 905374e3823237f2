// Videos: create, retrieve, list, download, delete; and the path under which new-api orders them.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { refused } from '../../../../catalog/refusal.ts'
import type { Context } from '../../../../context.ts'
import { GatewayError } from '../../../../errors.ts'
import { findTask, listVideos } from '../../../../tasks/read/find.ts'
import type { TaskColumns } from '../../../../tasks/read/view.ts'
import { deleteResult } from '../../../../tasks/results/delete.ts'
import { hasEnded } from '../../../../tasks/state.ts'
import { callerOf } from '../../../auth.ts'
import { idempotencyHeaders } from '../../../idempotency-key.ts'
import { wholeNumber } from '../../../paging.ts'
import { taskCursor } from '../../../v1/tasks.ts'
import { videoFiles } from '../../../route.ts'
import type { ClientMeans } from '../../optional.ts'
import { readFields } from '../form.ts'
import { placeAnywhere } from '../../place-anywhere.ts'
import type { Orders } from '../../orders/place.ts'
import { sendContent } from './content.ts'
import { readVideoWish, videoFields } from './fields.ts'
import { videoId, videoObject, viewVideo } from './view.ts'
import { catalogFor } from '../../../../accounts/offer.ts'

const tag = 'OpenAI'
const videoParams = z.strictObject({ video_id: videoId })
const newApiVideo = videoObject.extend({ task_id: videoId }).meta({ id: 'OpenAiVideoTask' })
const videoList = z
  .object({
    object: z.literal('list'),
    data: z.array(videoObject),
    first_id: videoId.nullable(),
    last_id: videoId.nullable(),
    has_more: z.boolean(),
  })
  .meta({ id: 'OpenAiVideoList' })
const deletedVideo = z
  .object({ id: videoId, object: z.literal('video.deleted'), deleted: z.literal(true) })
  .meta({ id: 'OpenAiDeletedVideo' })
const bodyExamples = () => ({
  video: {
    summary: 'A video',
    value: { model: 'seedance-2', prompt: 'a serene zen garden at sunrise', seconds: '4', size: '1280x720' },
  },
})
/** In the SDKs, until they are told otherwise, a second. */
const pollAfterMaxMs = 5_000
const listMax = 100
const listDefault = 20
/** Of an account with few videos among many pictures, a list looks at so many pages of tasks. */
const pagesMax = 20

export interface VideoRoutes extends ClientMeans {
  readonly orders: Orders
}

export function addVideoRoutes(scope: FastifyInstance, ctx: Context, means: VideoRoutes): void {
  addCreateRoutes(scope, ctx, means)
  addRetrieveRoutes(scope, ctx, means)
  addListRoute(scope, ctx, means)
  addContentRoute(scope, ctx, means)
  addDeleteRoute(scope, ctx, means)
}

function addCreateRoutes(
  scope: FastifyInstance,
  ctx: Context,
  { routes, orders, ...means }: VideoRoutes,
): void {
  const pictures = means.pictures.placedBy(placeAnywhere)
  const create = async (request: FastifyRequest, reply: FastifyReply) => {
    const form = await readFields(ctx, request, pictures)
    try {
      const wish = readVideoWish(catalogFor(ctx, callerOf(request)), form.fields)
      const order = await orders.place({ ...wish, request, reply, fields: form.fields })
      const task = await findTask(ctx.db.read, order.accountId, order.taskIds[0] ?? '')
      tellWhenToAsk(ctx, task, reply)
      const video = await viewVideo(ctx, task, request)
      order.answersNow()
      return video
    } finally {
      await form.discard()
    }
  }
  const common = {
    method: 'POST',
    tag,
    documentedHeaders: idempotencyHeaders,
    documentedBody: () => videoFields,
    bodyExamples,
    pictures,
  } as const
  routes.add(scope, {
    ...common,
    url: '/v1/videos',
    operationId: 'createOpenAiVideo',
    summary: 'Create Video',
    description:
      'Poll Retrieve Video until `status` is `completed` or `failed`. JSON is taken as well as a form.',
    bodyType: 'multipart/form-data',
    answer: videoObject,
    run: async ({ request, reply }) => await create(request, reply),
  })
  routes.add(scope, {
    ...common,
    url: '/v1/video/generations',
    operationId: 'createOpenAiVideoTask',
    summary: 'Create Video (new-api)',
    answer: newApiVideo,
    async run({ request, reply }) {
      const video = await create(request, reply)
      return { ...video, task_id: video.id }
    },
  })
}

function addRetrieveRoutes(scope: FastifyInstance, ctx: Context, { routes }: VideoRoutes): void {
  const retrieve = async (id: string, request: FastifyRequest, reply: FastifyReply) => {
    const task = await findVideo(ctx, request, id)
    tellWhenToAsk(ctx, task, reply)
    return await viewVideo(ctx, task, request)
  }
  routes.add(scope, {
    method: 'GET',
    url: '/v1/videos/{video_id}',
    operationId: 'getOpenAiVideo',
    tag,
    summary: 'Retrieve Video',
    params: videoParams,
    answer: videoObject,
    run: async ({ params, request, reply }) => await retrieve(params.video_id, request, reply),
  })
  routes.add(scope, {
    method: 'GET',
    url: '/v1/video/generations/{video_id}',
    operationId: 'getOpenAiVideoTask',
    tag,
    summary: 'Retrieve Video (new-api)',
    params: videoParams,
    answer: newApiVideo,
    async run({ params, request, reply }) {
      const video = await retrieve(params.video_id, request, reply)
      return { ...video, task_id: video.id }
    },
  })
}

function addListRoute(scope: FastifyInstance, ctx: Context, { routes }: VideoRoutes): void {
  routes.add(scope, {
    method: 'GET',
    url: '/v1/videos',
    operationId: 'listOpenAiVideos',
    tag,
    summary: 'List Videos',
    description: 'Newest first, without those that were deleted.',
    query: z.strictObject({
      after: videoId.optional().meta({
        override: { pattern: taskCursor.source },
        description: 'The id of the last video of the page before.',
      }),
      limit: wholeNumber(1, listMax).default(listDefault),
      order: z.enum(['desc']).optional(),
    }),
    answer: videoList,
    async run({ query: { after, limit }, request }) {
      if (after !== undefined && !taskCursor.test(after)) throw noSuchCursor()
      const { rows, hasMore } = await videosAfter(ctx, callerOf(request).accountId, { after, limit })
      const data = []
      for (const row of rows) data.push(await viewVideo(ctx, row, request))
      return {
        object: 'list' as const,
        data,
        first_id: data[0]?.id ?? null,
        last_id: data.at(-1)?.id ?? null,
        has_more: hasMore,
      }
    },
  })
}

/** Clients take an empty page for the end, so that pages without videos are passed over here. */
async function videosAfter(
  ctx: Context,
  accountId: string,
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
): Promise<{ readonly rows: readonly TaskColumns[]; readonly hasMore: boolean }> {
  const rows: TaskColumns[] = []
  let before = after ?? null
  for (let pages = 0; pages < pagesMax; pages += 1) {
    const page = await listVideos(ctx.db.read, { accountId, before, limit: limit - rows.length })
    rows.push(...page.rows)
    before = page.next
    if (before === null || rows.length === limit) break
  }
  return { rows, hasMore: before !== null && rows.length > 0 }
}

function addContentRoute(scope: FastifyInstance, ctx: Context, { routes, connections }: VideoRoutes): void {
  routes.add(scope, {
    method: 'GET',
    url: '/v1/videos/{video_id}/content',
    operationId: 'getOpenAiVideoContent',
    tag,
    summary: 'Download Video',
    description: 'Whole or a range. 400 while it is not ready.',
    params: videoParams,
    query: z.strictObject({ variant: z.enum(['video', 'thumbnail']).default('video') }),
    answerTypes: videoFiles,
    answer: z
      .unknown()
      .meta({ override: { type: 'string', format: 'binary' }, examples: ['the bytes of the file'] }),
    async run({ params, query: { variant }, request, reply }) {
      const task = await findVideo(ctx, request, params.video_id)
      const upstreamUrl = ctx.upstreams.get(task.upstream)?.settings.baseUrl
      await sendContent({ ...ctx, connections }, { task, variant, upstreamUrl }, reply)
      return undefined
    },
  })
}

function addDeleteRoute(scope: FastifyInstance, ctx: Context, { routes }: VideoRoutes): void {
  routes.add(scope, {
    method: 'DELETE',
    url: '/v1/videos/{video_id}',
    operationId: 'deleteOpenAiVideo',
    tag,
    summary: 'Delete Video',
    description:
      'Removes its file, and the video from this list, when it has ended; 400 before. Its task and what it cost stay in the tasks API.',
    params: videoParams,
    answer: deletedVideo,
    async run({ params, request }) {
      const task = await findVideo(ctx, request, params.video_id)
      await deleteResult(ctx, task.id)
      return { id: task.id, object: 'video.deleted' as const, deleted: true as const }
    },
  })
}

/** Throws not_found alike for another account, another kind of task, and a video that was deleted. */
async function findVideo(ctx: Context, request: FastifyRequest, id: string): Promise<TaskColumns> {
  const task = await findTask(ctx.db.read, callerOf(request).accountId, id).catch((error: unknown) => {
    throw error instanceof GatewayError ? noSuchVideo() : error
  })
  if (task.taskType !== 'video' || task.deletedAt !== null) throw noSuchVideo()
  return task
}

/** The SDKs read how long to wait between polls. */
function tellWhenToAsk(ctx: Context, task: TaskColumns, reply: FastifyReply): void {
  if (hasEnded(task)) return
  const every = [...ctx.upstreams.values()].map(({ settings }) => settings.video.pollEveryMs)
  reply.header('openai-poll-after-ms', Math.min(pollAfterMaxMs, ...every))
}

const noSuchVideo = () =>
  new GatewayError(
    'not_found',
    {
      en: 'There is no video with this id among those of your account.',
      zh: '您的账户下没有这个 id 的视频。',
    },
    { field: 'video_id' },
  )

const noSuchCursor = () => refused('after', 'must be the id of a video', '必须是视频的 id')
