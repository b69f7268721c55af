// Copies the pages and their pictures to where VitePress finds its own modules above them: site/.pages.

import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { address, pages } from './pages.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const staged = fileURLToPath(new URL('.pages', import.meta.url))

/** The files below a directory, but for what the readers of the course write. */
function* files(directory) {
  for (const entry of readdirSync(path.join(root, directory), { withFileTypes: true })) {
    const file = path.posix.join(directory, entry.name)
    if (entry.isFile()) {
      yield file
    } else if (entry.isDirectory() && file !== 'course/my') {
      yield* files(file)
    }
  }
}

const there = []
for (const directory of ['docs', 'course', 'demos']) {
  there.push(...files(directory))
}
const unlisted = there.filter((file) => file.endsWith('.md') && !pages.includes(file))
const missing = pages.filter((file) => !existsSync(path.join(root, file)))
if (unlisted.length + missing.length > 0) {
  console.error(`site/pages.mjs does not list ${unlisted.join(', ') || 'nothing'}, and lists ${missing.join(', ') || 'nothing'}`
    + ' that is not there')
  process.exit(1)
}

rmSync(staged, { recursive: true, force: true })
function stage(file, target) {
  mkdirSync(path.dirname(path.join(staged, target)), { recursive: true })
  cpSync(path.join(root, file), path.join(staged, target))
}
pages.forEach((file) => stage(file, address(file)))
there.filter((file) => file.endsWith('.svg')).forEach((file) => stage(file, file))
stage('site/index.md', 'index.md')
for (const picture of ['block.svg', 'block-dark.svg']) {
  stage('docs/explanation/' + picture, 'public/' + picture)
}
