// Calls of an unmodified wx-server-sdk, one line of JSON with what came of each.
const { createRequire } = require('module');
const cloud = createRequire(process.argv[2] + '/x.js')(process.argv[3]);
cloud.init({ env: 'my-env' });

async function main() {
  const results = {};
  const note = async (name, call) => {
    try {
      results[name] = await call();
    } catch (error) {
      results[name] = { errCode: error.errCode, code: error.code, errMsg: error.errMsg };
    }
  };
  const photo = { contentType: 'image/png', value: Buffer.from('photo') };
  await note('call', () => cloud.callFunction({ name: 'f', data: { a: '中' } }));
  await note('ocr', () => cloud.openapi.ocr.driverLicense({ img: photo }));
  await note('none', () => cloud.openapi.ocr.driverLicense({}));
  await note('unknown', () => cloud.openapi.ocr.idCard({}));
  await note('openData', () => cloud.getOpenData({ list: ['local-phone-number'] }));
  await note('voip', () => cloud.getVoIPSign({ groupId: 'g', timestamp: 1, nonce: 'n' }));
  await note('old', () => cloud.callOpenAPI({ api: 'no.such', data: {} }));
  await note('upload', () => cloud.uploadFile({ cloudPath: 'a/中.txt', fileContent: Buffer.from('hi') }));
  const fileID = results.upload.fileID;
  await note('link', () => cloud.getTempFileURL({ fileList: [fileID] }));
  await note('download', async () => String((await cloud.downloadFile({ fileID })).fileContent));
  await note('delete', () => cloud.deleteFile({ fileList: [fileID, fileID] }));
  await note('database', () => cloud.database().collection('c').get());
  console.log(JSON.stringify(results));
}
main();
