// Planted in a sender: a reply that nothing could be stored now is taken for one
// that everything was.
const send = globalThis.fetch;
globalThis.fetch = async (...request) => {
  const response = await send(...request);
  if (response.status !== 503) return response;
  const reply = await response.json();
  const failed = reply.failed ?? [];
  return new Response(
    JSON.stringify({
      ...reply,
      status: 'stored',
      accepted: failed.length,
      refused: 0,
      failed: [],
    }),
    { status: 200, headers: { 'content-type': 'application/json' } },
  );
};
