// Planted in a sender: it does not remember that it was answered.
const send = globalThis.fetch;
globalThis.fetch = async (...request) => {
  await (await send(...request)).arrayBuffer();
  return send(...request);
};
