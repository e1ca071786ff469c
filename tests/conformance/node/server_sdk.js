'use strict'

// One of the unmodified wx-server-sdk packages as a process outside the emulator's functions:
// a line of steps in, a line of their outcomes out.

const readline = require('readline')
const { run } = require('../functions/caller/steps')

const cloud = require(process.argv[2])

// The SDK prints; what it prints must not come between the outcomes.
for (const name of ['log', 'info', 'debug', 'group', 'groupEnd']) console[name] = console.error

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const { environment, steps } = JSON.parse(line)
    Object.assign(process.env, environment)
    process.stdout.write(JSON.stringify(await run(cloud, steps)) + '\n')
  }
}

main()
