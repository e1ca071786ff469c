'use strict';
// The process a Node function runs in: `node worker.js <fd> <folder> <context>`.
//
// Node's own modules only. It speaks the frames that worker.py describes. The process ends when
// the emulator closes its end of the socket; while a function is busy, the guard sees to that.

const fs = require('fs');
const net = require('net');
const path = require('path');
const { Writable } = require('stream');
const { pathToFileURL } = require('url');

const HEADER = 9; // bytes: kind, length of head, length of body
const RESULT_LIMIT = 1024 * 1024; // bytes of JSON, as the platform has it
const RESULT_TOO_LARGE = -604001;
const TEXT_LIMIT = 20000; // characters of a message or a stack

const [, , descriptor, folder, fixedContext] = process.argv;
const fixed = JSON.parse(fixedContext);
const index = path.join(folder, 'index.js');
process.argv.splice(1, process.argv.length, index);

const channel = new net.Socket({ fd: Number(descriptor), readable: true, writable: true });
let calling = false;
let pending = [];
let pendingSize = 0;

// Node writes into pipes when it finds the time; a function's flood of output would then stay in
// its memory and come to the log after its result.
function writeAtOnce(fd) {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  return new Writable({
    write(chunk, encoding, done) {
      let written = 0;
      while (written < chunk.length) {
        try {
          written += fs.writeSync(fd, chunk, written);
        } catch (error) {
          if (error.code !== 'EAGAIN') break; // the emulator has gone
          Atomics.wait(pause, 0, 0, 1);
        }
      }
      done();
    },
  });
}

for (const [name, fd] of [['stdout', 1], ['stderr', 2]]) {
  const stream = Object.assign(writeAtOnce(fd), { fd });
  Object.defineProperty(process, name, { value: stream, configurable: true, enumerable: true });
}

function send(kind, head, body, then) {
  const headBytes = Buffer.from(head);
  const bodyBytes = Buffer.from(body);
  const frame = Buffer.allocUnsafe(HEADER + headBytes.length + bodyBytes.length);
  frame.write(kind, 0, 'latin1');
  frame.writeUInt32BE(headBytes.length, 1);
  frame.writeUInt32BE(bodyBytes.length, 5);
  headBytes.copy(frame, HEADER);
  bodyBytes.copy(frame, HEADER + headBytes.length);
  channel.write(frame, then);
}

function cut(text) {
  return String(text).slice(0, TEXT_LIMIT).toWellFormed?.() ?? String(text).slice(0, TEXT_LIMIT);
}

function shownThrown(value) {
  try {
    return typeof value === 'string' ? value : JSON.stringify(value) || String(value);
  } catch {
    return 'a value that cannot be shown';
  }
}

function describe(error) {
  if (!(error instanceof Error)) {
    return { code: 0, type: 'Error', message: cut(shownThrown(error)), line: '', trace: '' };
  }
  const stack = String(error.stack || error);
  return {
    code: error.code === RESULT_TOO_LARGE ? RESULT_TOO_LARGE : 0,
    type: error.name || 'Error',
    message: cut(String(error.message).split('\nRequire stack:')[0] + howToInstall(error)),
    line: ownLine(stack),
    trace: error.told ? '' : cut(stack),
  };
}

function ownLine(stack) {
  for (const line of stack.split('\n')) {
    const found = /^\s+at .*?\(?(?:file:\/\/)?(\/[^()]*?):(\d+):\d+\)?$/.exec(line)
      || /^(\/[^()]*?):(\d+)$/.exec(line);
    if (found && found[1].startsWith(folder + path.sep) && !found[1].includes('node_modules')) {
      return `${path.relative(folder, found[1])}, line ${found[2]}`;
    }
  }
  return '';
}

function howToInstall(error) {
  const codes = ['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND'];
  const found = codes.includes(error.code)
    && /Cannot find (?:module|package) '([^']+)'/.exec(error.message);
  if (!found || /^[./]/.test(found[1])) return '';
  const name = found[1].split('/').slice(0, found[1].startsWith('@') ? 2 : 1).join('/');
  let listed = false;
  try {
    const own = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
    listed = name in (own.dependencies || {});
  } catch {
    // no package.json, or none that can be read: then nothing is listed in it
  }
  return `; install it: npm install --prefix ${folder}${listed ? '' : ` ${name}`}`;
}

function told(message) {
  return Object.assign(new Error(message), { name: 'LoadError', told: true });
}

async function load() {
  process.chdir(folder);
  let loaded;
  try {
    loaded = require(index);
  } catch (error) {
    if (error.code !== 'ERR_REQUIRE_ESM') throw error;
    loaded = await import(pathToFileURL(index));
  }
  const main = loaded && (loaded.main || (loaded.default && loaded.default.main));
  if (typeof main !== 'function') {
    const kind = typeof loaded;
    const names = loaded && (kind === 'object' || kind === 'function') ? Object.keys(loaded) : [];
    const found = names.join(', ') || 'no exports';
    throw told(`index.js has no function exports.main(event, context); found: ${found}`);
  }
  return main;
}

let callerText = '';
let context = {};
let user = null;

function enter(head) {
  const end = head.indexOf(10);
  const [requestId, token] = head.toString('utf8', 0, end).split(' ');
  const text = head.toString('utf8', end + 1);
  if (text !== callerText) {
    const caller = JSON.parse(text);
    const { environ } = caller;
    Object.assign(process.env, environ);
    const pairs = Object.entries(environ).map(([name, value]) => `${name}=${value}`);
    context = {
      ...fixed,
      namespace: environ.SCF_NAMESPACE || '',
      environment: JSON.stringify(environ),
      environ: pairs.join(';'),
    };
    user = caller.user;
    callerText = text;
  }
  process.env.WX_API_TOKEN = token;
  return { callbackWaitsForEmptyEventLoop: false, request_id: requestId, ...context };
}

function asJson(result) {
  let text;
  try {
    text = JSON.stringify(result);
  } catch (error) {
    const reason = error.message.split('\n')[0];
    error.message = `main returned what cannot be sent as JSON (${reason})`;
    throw error;
  }
  if (text === undefined) return 'null';
  const size = Buffer.byteLength(text);
  if (size > RESULT_LIMIT) {
    const message = `main returned ${size} bytes of JSON; the limit is ${RESULT_LIMIT}`;
    throw Object.assign(told(message), { name: 'ResultTooLargeError', code: RESULT_TOO_LARGE });
  }
  return text;
}

async function call(main, head, body) {
  calling = true;
  let answer;
  try {
    const given = enter(head);
    const event = JSON.parse(body.toString('utf8'));
    if (user && event !== null && typeof event === 'object' && !Array.isArray(event)) {
      event.userInfo = { ...user };
    }
    answer = ['o', '', asJson(await main(event, given))];
  } catch (error) {
    answer = ['f', JSON.stringify(describe(error)), ''];
  }
  if (!calling) return; // an error outside of main has been answered with
  calling = false;
  send(...answer);
}

function receive(main, chunk) {
  pending.push(chunk);
  pendingSize += chunk.length;
  if (pendingSize < HEADER) return;
  if (pending[0].length < HEADER) pending = [Buffer.concat(pending)];
  const bodyStart = HEADER + pending[0].readUInt32BE(1);
  const end = bodyStart + pending[0].readUInt32BE(5);
  if (pendingSize < end) return;
  const frame = pending.length === 1 ? pending[0] : Buffer.concat(pending);
  pending = [];
  pendingSize = 0;
  call(main, frame.subarray(HEADER, bodyStart), frame.subarray(bodyStart, end));
}

// What nobody catches, rejected promises too, ends the process, as Node has it; the call that
// runs gets it as its error.
process.on('uncaughtException', (error) => {
  const description = describe(error);
  if (!calling) {
    console.error(description.trace || description.message);
    process.exit(1);
  }
  calling = false;
  send('l', JSON.stringify(description), '', () => process.exit(1));
});

channel.on('error', () => process.exit(1));
channel.on('close', () => process.exit(0));

load().then(
  (main) => {
    channel.on('data', (chunk) => receive(main, chunk));
    send('r', '', '');
  },
  (error) => send('b', JSON.stringify(describe(error)), '', () => process.exit(1)),
);
