import { type RefObject, useRef, useState } from 'react';

/**
 * Copies a text. Where the browser allows no copying (a page over plain HTTP on
 * another machine), what `textRef` is at is selected instead.
 *
 * @param what - what it is, for what is said: `declaration`
 * @returns `said`, for an element of role `status`
 */
export function useCopy(
  text: string,
  what: string,
): {
  textRef: RefObject<HTMLPreElement>;
  said: string;
  copy: () => Promise<void>;
} {
  const textRef = useRef<HTMLPreElement>(null);
  const [said, setSaid] = useState('');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid(`The ${what} is copied.`);
    } catch {
      if (textRef.current) {
        window.getSelection()?.selectAllChildren(textRef.current);
      }
      setSaid(`The ${what} is selected: copy it with your keyboard.`);
    }
  };
  return { textRef, said, copy };
}
