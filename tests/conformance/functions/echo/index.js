'use strict'

exports.main = async (event) => event.value
