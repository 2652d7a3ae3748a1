import { act, renderHook } from '@testing-library/react';
import { usePolling } from './usePolling';

let isHidden = false;
Object.defineProperty(document, 'hidden', { get: () => isHidden });

function setHidden(hidden: boolean) {
  isHidden = hidden;
  document.dispatchEvent(new Event('visibilitychange'));
}

describe('usePolling', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    isHidden = false;
    jest.useRealTimers();
  });

  const advance = (ms: number) => act(() => jest.advanceTimersByTimeAsync(ms));

  it('asks again after each answer and keeps the last one while asking fails', async () => {
    const load = jest
      .fn<Promise<string>, [AbortSignal]>()
      .mockResolvedValueOnce('first')
      .mockRejectedValueOnce(new Error('down'))
      .mockResolvedValue('third');
    const { result } = renderHook(() => usePolling(load, { intervalMs: 1000 }));
    expect(result.current.isLoading).toBe(true);

    await advance(0);
    expect(result.current.value).toBe('first');

    await advance(1000);
    expect(result.current.value).toBe('first');
    expect(result.current.error?.message).toBe('down');

    await advance(1000);
    expect(result.current.value).toBe('third');
    expect(result.current.error).toBeUndefined();
  });

  it('pauses while the tab is hidden and asks at once when it is shown', async () => {
    const load = jest
      .fn<Promise<string>, [AbortSignal]>()
      .mockResolvedValue('x');
    renderHook(() => usePolling(load, { intervalMs: 1000 }));
    await advance(0);
    expect(load).toHaveBeenCalledTimes(1);

    act(() => setHidden(true));
    await advance(10_000);
    expect(load).toHaveBeenCalledTimes(1);

    act(() => setHidden(false));
    await advance(0);
    expect(load).toHaveBeenCalledTimes(2);
    await advance(1000);
    expect(load).toHaveBeenCalledTimes(3);
  });

  it('asks once without an interval, and again when it is told to', async () => {
    const load = jest
      .fn<Promise<string>, [AbortSignal]>()
      .mockResolvedValue('x');
    const { result } = renderHook(() => usePolling(load, {}));
    await advance(60_000);
    act(() => setHidden(true));
    act(() => setHidden(false));
    await advance(60_000);
    expect(load).toHaveBeenCalledTimes(1);

    act(() => result.current.reload());
    await advance(0);
    expect(load).toHaveBeenCalledTimes(2);
  });

  it('forgets the answer to another question and stops when it leaves the page', async () => {
    const one = jest
      .fn<Promise<string>, [AbortSignal]>()
      .mockResolvedValue('one');
    const never = jest.fn<Promise<string>, [AbortSignal]>(
      () => new Promise(() => {}),
    );
    const { result, rerender, unmount } = renderHook(
      ({ load }) => usePolling(load, { intervalMs: 1000 }),
      { initialProps: { load: one } },
    );
    await advance(0);
    expect(result.current.value).toBe('one');

    rerender({ load: never });
    expect(result.current.value).toBeUndefined();
    expect(result.current.isLoading).toBe(true);

    const [signal] = never.mock.calls[0];
    unmount();
    expect(signal.aborted).toBe(true);
  });
});
