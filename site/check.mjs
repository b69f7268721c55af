// Looks at the built site in Chromium: wide and narrow, light and dark. Fails if a page scrolls sideways, if anything is
// reported to the console, if a picture is missing, if two pages have the same title, if the search does not find what it
// should, or if axe has a serious finding.

import { createReadStream, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, errors } from 'playwright-core'
import { pages, route } from './pages.mjs'

const site = fileURLToPath(new URL('../target/site', import.meta.url))
const [browserPath, option, directory] = process.argv.slice(2)
const screenshots = option === '--screenshots' ? path.resolve(directory) : null
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const WIDE = { width: 1280, height: 900 }
const NARROW = { width: 390, height: 844 }
const LANDING = '/'
const LESSON = '/course/04-errno/'

/** What axe looks at in all four ways; every page is looked at narrow and light. */
const CLOSELY = [LANDING, '/docs/how-to', LESSON]
const SEARCHED = 'errno'

/** What the machine has time for, however busy it is. What takes longer does not happen any more. */
const PATIENCE = 300_000

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
}

const problems = []
/** The page that has a title. */
const titled = {}
let looks = 0

/** Serves files as a plain web server does, which knows a page with or without its ending. */
function serve(request, response) {
  const address = decodeURIComponent(new URL(request.url, 'http://localhost').pathname)
  const named = path.join(site, path.posix.normalize(address))
  const file = [named, named + '.html', path.join(named, 'index.html')].find((each) => existsSync(each) && path.extname(each))
  if (file === undefined) {
    response.writeHead(404).end()
    return
  }
  response.writeHead(200, { 'Content-Type': TYPES[path.extname(file)] ?? 'application/octet-stream' })
  createReadStream(file).pipe(response)
}

async function open(browser, viewport, colorScheme) {
  const context = await browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce' })
  context.setDefaultTimeout(PATIENCE)
  context.setDefaultNavigationTimeout(PATIENCE)
  const page = await context.newPage()
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') {
      problems.push(`${page.url()} reports: ${message.text()}`)
    }
  })
  page.on('pageerror', (error) => problems.push(`${page.url()} fails: ${error.message}`))
  return page
}

async function look(page, address, how) {
  await page.goto(origin + address, { waitUntil: 'load' })
  looks++
  const [needed, there] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth])
  if (needed > there) {
    problems.push(`${address} scrolls sideways, ${how}: it needs ${needed} pixels of ${there}`)
  }
  const title = await page.title()
  if (title.startsWith('404')) {
    problems.push(`${address} is not there`)
  }
  if ((titled[title] ??= address) !== address) {
    problems.push(`${address} has the title of ${titled[title]}: ${title}`)
  }
  for (const picture of await page.evaluate(brokenPictures)) {
    problems.push(`${address} has no picture ${picture}, ${how}`)
  }
}

/** Runs in the page: loads also those pictures that are not seen yet, or in the other colors only. */
async function brokenPictures() {
  const broken = []
  for (const picture of document.images) {
    picture.loading = 'eager'
    await picture.decode().catch(() => broken.push(picture.src))
  }
  return broken
}

async function lookClosely(page, address, how) {
  await look(page, address, how)
  if (screenshots !== null) {
    const name = (address.replace(/\W+/g, '-').replace(/^-|-$/g, '') || 'landing') + '-' + how.replace(/\W+/g, '-')
    await page.screenshot({ path: path.join(screenshots, name + '.png') })
  }
  await page.evaluate(axe)
  const found = await page.evaluate(() => window.axe.run({ resultTypes: ['violations'] }))
  for (const { id, impact, help, nodes } of found.violations) {
    if (impact === 'serious' || impact === 'critical') {
      problems.push(`${address}, ${how}: ${id} (${impact}): ${help}\n    ${nodes.map((node) => node.html).slice(0, 3).join('\n    ')}`)
    }
  }
}

async function search(page, how) {
  await page.goto(origin + LANDING, { waitUntil: 'load' })
  await page.click('.VPNavBarSearch button')
  await page.fill('#localsearch-input', SEARCHED)
  const result = page.locator(`.VPLocalSearchBox .results a[href*="${LESSON}"]`).first()
  try {
    await result.waitFor()
  } catch (error) {
    if (!(error instanceof errors.TimeoutError)) {
      throw error
    }
    problems.push(`the search for ${SEARCHED} does not find ${LESSON}, ${how}`)
    return
  }
  if (screenshots !== null) {
    await page.screenshot({ path: path.join(screenshots, 'search-' + how.replace(/\W+/g, '-') + '.png') })
  }
  await result.click()
  await page.waitForURL((url) => url.pathname === LESSON)
  looks++
}

const server = createServer(serve)
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const origin = `http://127.0.0.1:${server.address().port}`
if (screenshots !== null) {
  mkdirSync(screenshots, { recursive: true })
}
// Root has no sandbox to go into; what is looked at is our own.
const browser = await chromium.launch({
  executablePath: browserPath,
  args: ['--disable-gpu', ...(process.getuid() === 0 ? ['--no-sandbox'] : [])],
  timeout: PATIENCE,
})
try {
  for (const viewport of [WIDE, NARROW]) {
    for (const colors of ['light', 'dark']) {
      const how = `${viewport.width} pixels, ${colors}`
      const page = await open(browser, viewport, colors)
      for (const address of CLOSELY) {
        await lookClosely(page, address, how)
      }
      if (colors === 'light') {
        await search(page, how)
      }
      if (viewport === NARROW && colors === 'light') {
        for (const address of pages.map(route).filter((each) => !CLOSELY.includes(each))) {
          await look(page, address, how)
        }
      }
      await page.context().close()
    }
  }
} finally {
  await browser.close()
  server.close()
}
if (!existsSync(path.join(site, 'api/index.html'))) {
  problems.push('there is no Javadoc')
}
if (problems.length > 0) {
  console.error('site/check:\n  ' + problems.join('\n  '))
  process.exit(1)
}
console.log(`checked: ${looks} looks at ${pages.length + 1} pages`)
