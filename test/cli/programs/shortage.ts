// Loaded into a gateway before its own code: at SIGWINCH a timer and a promise fail as they do without descriptors.
const shortage = () =>
  Object.assign(new Error('EMFILE: too many open files, uv_resident_set_memory'), { code: 'EMFILE' })

process.on('SIGWINCH', () => {
  setTimeout(() => {
    throw shortage()
  }, 0)
  void Promise.reject(shortage())
})
