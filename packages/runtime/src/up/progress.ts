/** Runs `work` as one line of progress on stderr, with how long it took. */
export async function progress<T>(
  title: string,
  work: () => Promise<T>,
): Promise<T> {
  const startedAt = Date.now();
  const seconds = () => ((Date.now() - startedAt) / 1000).toFixed(1);
  const isTerminal = process.stderr.isTTY === true;
  process.stderr.write(isTerminal ? `… ${title}` : `… ${title}\n`);
  const end = (mark: string) =>
    process.stderr.write(
      `${isTerminal ? '\r\x1b[K' : ''}${mark} ${title} (${seconds()} s)\n`,
    );
  try {
    const result = await work();
    end('✔');
    return result;
  } catch (error) {
    end('✖');
    throw error;
  }
}
