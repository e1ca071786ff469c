'use strict'

// Headless Chromium on a page with page.js in it: a line that says what to do in, a line of what
// came of it out. Each line gets a browser profile of its own.

const http = require('http')
const readline = require('readline')
const esbuild = require('esbuild')
const { chromium } = require('playwright-core')

const [, , executablePath] = process.argv
const FOREIGN = 'shop.example'
const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
  '--disable-background-networking', '--disable-component-update',
  `--host-resolver-rules=MAP ${FOREIGN} 127.0.0.1`,
]

async function serve(script) {
  const pages = {
    '/': ['text/html', '<!doctype html><meta charset="utf-8"><script src="/page.js"></script>'],
    '/page.js': ['text/javascript', script],
  }
  const server = http.createServer((request, response) => {
    const [type, body] = pages[request.url] || ['text/plain', '']
    response.writeHead(body ? 200 : 404, { 'Content-Type': `${type}; charset=utf-8` })
    response.end(body)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

async function visit(browser, port, { site, call, args }) {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(`http://${site}:${port}/`)
  const result = await page.evaluate(([name, values]) => window[name](...values), [call, args])
  await context.close()
  return result
}

async function main() {
  const { outputFiles } = await esbuild.build({
    entryPoints: [require.resolve('./page.js')], bundle: true, write: false, logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"', global: 'window' },
  })
  const server = await serve(Buffer.from(outputFiles[0].contents))
  const browser = await chromium.launch({ executablePath, args: FLAGS })
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const { port } = server.address()
    process.stdout.write(JSON.stringify(await visit(browser, port, JSON.parse(line))) + '\n')
  }
  await browser.close()
  server.close()
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
