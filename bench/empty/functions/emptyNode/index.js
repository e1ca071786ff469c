exports.main = async (event, context) => ({ ok: true });
