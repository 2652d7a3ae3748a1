import { type RefObject, useEffect, useRef } from 'react';

/**
 * Moves the focus to what has just been opened, so that the keyboard goes on
 * there and a screen reader says what it is. Give the element `tabIndex={-1}`.
 */
export function useFocusOnMount<T extends HTMLElement>(
  isWanted: boolean = true,
): RefObject<T> {
  const ref = useRef<T>(null);
  useEffect(() => {
    if (isWanted) {
      ref.current?.focus();
    }
  }, [isWanted]);
  return ref;
}
