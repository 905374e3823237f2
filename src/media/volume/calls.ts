// What is asked of the volume that media are written to: in one place, so that a test can have one that fails.
import { copyFile, open, rename } from 'node:fs/promises'

export const volumeCalls = { copyFile, open, rename }
