'use strict'

// The unmodified @cloudbase/js-sdk in a process of its own: a line of steps in, a line of their
// outcomes out. Arguments: the emulator's host and port, and the mode.

const readline = require('readline')
const cloudbase = require('@cloudbase/js-sdk')
const { run } = require('../functions/caller/steps')

const [, , host, endPointMode] = process.argv
for (const name of ['log', 'info', 'debug', 'warn']) console[name] = console.error

async function main() {
  const app = cloudbase.init({ env: 'conf-env', endPointMode })
  app.registerHost(host, 'http')
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(JSON.stringify(await run(app, JSON.parse(line).steps)) + '\n')
  }
  process.exit() // the SDK's timers would keep the process
}

main()
