// A queued request as a row, for tests that put several.
export const queuedRequest = (id: string, accountId: string, createdAt: number) => ({
  id,
  accountId,
  keyId: 'key_1',
  modelId: 'm',
  taskType: 'image' as const,
  upstream: 'keevx',
  order: {},
  state: 'queued' as const,
  dueAt: 5,
  attemptsMade: 0,
  retriesMade: 0,
  failuresInRow: 0,
  createdAt,
})
