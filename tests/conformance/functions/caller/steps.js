'use strict'

const { decode, encode, encodeError } = require('./values')

// A step is {"path": "openapi.ocr.driverLicense", "args": [...], "options": {...}}; a part of the
// path that ends with "()" is called on the way. Its outcome is {"value"}, which is null if the step
// says "quiet": true, or {"error", "sync"}.

async function run(cloud, steps) {
  const outcomes = []
  for (const step of steps) outcomes.push(await one(cloud, step))
  return outcomes
}

async function one(cloud, step) {
  let sync = true
  try {
    const pending = call(cloud, step)
    sync = false
    const value = await pending
    return { value: step.quiet ? null : encode(value) }
  } catch (error) {
    return { error: encodeError(error), sync }
  }
}

function call(cloud, step) {
  const parts = step.path.split('.')
  const last = parts.pop()
  let owner = cloud
  for (const part of parts) {
    owner = part.endsWith('()') ? owner[part.slice(0, -2)]() : owner[part]
    if (part === 'openapi' && step.options !== undefined) owner = owner(decode(step.options))
  }
  return owner[last](...(step.args || []).map(decode))
}

module.exports = { run }
