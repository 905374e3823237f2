// File system calls on the media volume, in one place so that tests can make them fail.
import { copyFile, open, rename } from 'node:fs/promises'

export const volumeCalls = { copyFile, open, rename }
