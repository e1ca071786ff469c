const cloud = require('wx-server-sdk')
cloud.init({
  env: cloud.DYNAMIC_CURRENT_ENV,
})
exports.main = async (event, context) => (
// cloud = require('wx-server-sdk')
// ...
// 方法返回 Promise
cloud.openapi.ocr.driverLicense({
  type: 'photo',
  img: {
    contentType: 'image/png',
    value: Buffer
  }
})
)
