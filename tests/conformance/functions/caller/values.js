'use strict'

// Values that JSON has no form for, as objects with one key that begins with "$".

const fs = require('fs')

const MARKS = {
  $undefined: () => undefined,
  $buffer: (text) => Buffer.from(text, 'base64'),
  $bytes: (text) => new Uint8Array(Buffer.from(text, 'base64')),
  $date: (milliseconds) => new Date(milliseconds),
  $number: (text) => Number(text),
  $bigint: (text) => BigInt(text),
  $stream: (path) => fs.createReadStream(path),
  $symbol: (name) => Symbol.for(name),
  $cycle: () => {
    const ring = {}
    ring.ring = ring
    return ring
  },
}

function decode(value) {
  if (Array.isArray(value)) return value.map(decode)
  if (value === null || typeof value !== 'object') return value
  const keys = Object.keys(value)
  if (keys.length === 1 && keys[0] in MARKS) return MARKS[keys[0]](value[keys[0]])
  return members(value, decode)
}

function encode(value) {
  if (value === undefined) return { $undefined: true }
  if (typeof value === 'bigint') return { $bigint: String(value) }
  if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))) {
    return { $number: Object.is(value, -0) ? '-0' : String(value) }
  }
  if (value === null || typeof value !== 'object') return value
  if (Buffer.isBuffer(value) || value instanceof Uint8Array) {
    return { $buffer: Buffer.from(value).toString('base64') }
  }
  if (value instanceof Date) return { $date: value.getTime() }
  if (value._isBigNumber || (value.constructor && value.constructor.name === 'BigNumber')) {
    return { $bigint: value.toFixed() }
  }
  if (Array.isArray(value)) return value.map(encode)
  return members(value, encode)
}

// A plain assignment would lose a member called __proto__.
function members(value, change) {
  const result = {}
  for (const key of Object.keys(value)) {
    Object.defineProperty(result, key, {
      value: change(value[key]), enumerable: true, writable: true, configurable: true,
    })
  }
  return result
}

function encodeError(error) {
  if (!(error instanceof Error)) return { thrown: encode(error) }
  const kept = { message: error.message, string: String(error) }
  for (const name of ['errCode', 'errMsg', 'code', 'requestId', 'requestID']) {
    if (error[name] !== undefined) kept[name] = encode(error[name])
  }
  return kept
}

module.exports = { decode, encode, encodeError }
