'use strict'

exports.main = async (event) => {
  if (event.kind === 'object') throw { errCode: 7, errMsg: 'seven' }
  if (event.kind === 'text') throw 'only a text'
  throw new TypeError(event.message)
}
