import { SearchField } from '@backstage/ui';
import { useCallback, useEffect, useRef, useState } from 'react';

/** After the last letter: short enough to feel at once, long enough for a word. */
const DEBOUNCE_MS = 250;

/**
 * A search that asks while one types, once per pause and not once per letter.
 * Enter asks at once.
 */
export function SearchAsYouType(props: {
  label: string;
  placeholder: string;
  /** What is searched for now. */
  value: string;
  onChange: (text: string) => void;
}) {
  const { label, placeholder, value, onChange } = props;
  const [text, setText] = useState(value);
  const asked = useRef(value);
  const onChangeRef = useRef(onChange);
  useEffect(() => {
    onChangeRef.current = onChange;
  }, [onChange]);

  const ask = useCallback((wanted: string) => {
    if (asked.current !== wanted) {
      asked.current = wanted;
      onChangeRef.current(wanted);
    }
  }, []);

  useEffect(() => {
    // Somebody else changed it: a link, "Show all", "back".
    if (value !== asked.current) {
      asked.current = value;
      setText(value);
    }
  }, [value]);

  useEffect(() => {
    const timer = setTimeout(() => ask(text), DEBOUNCE_MS);
    return () => clearTimeout(timer);
  }, [ask, text]);

  return (
    <SearchField
      label={label}
      placeholder={placeholder}
      value={text}
      onChange={setText}
      onSubmit={ask}
    />
  );
}
