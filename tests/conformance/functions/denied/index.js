'use strict'

const cloud = require('wx-server-sdk')

cloud.init({ env: cloud.DYNAMIC_CURRENT_ENV })

exports.main = async () => {
  try {
    return await cloud.openapi.ocr.driverLicense({ imgUrl: 'http://127.0.0.1:1/' })
  } catch (error) {
    return { errCode: error.errCode, errMsg: error.errMsg }
  }
}
