'use strict'

exports.main = () => new Promise(() => setInterval(() => {}, 1000))
