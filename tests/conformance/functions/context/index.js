'use strict'

exports.main = async (event, context) => ({ event, context })
