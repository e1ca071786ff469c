'use strict'

const cloud = require('wx-server-sdk')
const { run } = require('./steps')

cloud.init({ env: cloud.DYNAMIC_CURRENT_ENV })

exports.main = (event) => run(cloud, event.steps)
