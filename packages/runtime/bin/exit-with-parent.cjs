// Preloaded into the portal's process: when the process that started it is
// gone, even by kill -9, it shuts down as on SIGTERM instead of living on.
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
