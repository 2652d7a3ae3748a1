import { Button, Flex, Text, TextAreaField } from '@backstage/ui';
import { formatBytes } from '@millrace/plugin-data-platform-react';
import { RiFileUploadLine } from '@remixicon/react';
import {
  type ChangeEvent,
  type Ref,
  useImperativeHandle,
  useRef,
  useState,
} from 'react';
import styles from './YamlText.module.css';

/** How to move inside a {@link YamlSource}. */
export interface YamlSourceHandle {
  /** Selects a line, from 1, and puts the focus on it. */
  goToLine: (line: number) => void;
}

/** Somewhere to paste a text of YAML, or to choose a file with it. */
export function YamlSource(props: {
  handle: Ref<YamlSourceHandle>;
  label: string;
  description: string;
  value: string;
  /** What the backend reads, in bytes; a larger file is not even opened. */
  maxBytes: number;
  /** A text to begin with instead of an empty one. */
  beginning?: { label: string; text: string };
  onChange: (value: string) => void;
}) {
  const { handle, label, description, value, maxBytes, beginning } = props;
  const { onChange } = props;
  const rootRef = useRef<HTMLDivElement>(null);
  const fileRef = useRef<HTMLInputElement>(null);
  const [said, setSaid] = useState('');

  useImperativeHandle(
    handle,
    () => ({
      goToLine(line) {
        const area = rootRef.current?.querySelector('textarea');
        if (!area) {
          return;
        }
        const lines = area.value.split('\n');
        const start = lines
          .slice(0, line - 1)
          .reduce((sum, each) => sum + each.length + 1, 0);
        area.focus();
        area.setSelectionRange(start, start + (lines[line - 1] ?? '').length);
        // The selection alone does not scroll in every browser.
        area.scrollTop =
          (area.scrollHeight / lines.length) * Math.max(0, line - 4);
      },
    }),
    [],
  );

  const readFile = async (event: ChangeEvent<HTMLInputElement>) => {
    const input = event.target;
    const file = input.files?.[0];
    // The same file can be chosen again once it was changed.
    if (file && file.size > maxBytes) {
      setSaid(
        `${file.name} has ${formatBytes(file.size)}; at most ${formatBytes(
          maxBytes,
        )} are read.`,
      );
    } else if (file) {
      try {
        onChange(await file.text());
        setSaid(`From ${file.name}.`);
      } catch {
        setSaid(`${file.name} could not be read; choose it again.`);
      }
    }
    input.value = '';
  };

  return (
    <div ref={rootRef} className={styles.source}>
      <Flex direction="column" gap="3">
        <TextAreaField
          label={label}
          description={description}
          rows={14}
          spellCheck="false"
          value={value}
          onChange={next => {
            setSaid('');
            onChange(next);
          }}
        />
        <Flex align="center" gap="3">
          <input
            ref={fileRef}
            type="file"
            accept=".yaml,.yml,.json,application/yaml,text/yaml,application/json"
            aria-label="File"
            className={styles.file}
            onChange={readFile}
          />
          <Button
            variant="secondary"
            iconStart={<RiFileUploadLine />}
            onPress={() => fileRef.current?.click()}
          >
            Choose a file
          </Button>
          {beginning && (
            <Button
              variant="tertiary"
              // What somebody has written is not overwritten by a press.
              isDisabled={value !== ''}
              onPress={() => {
                setSaid('');
                onChange(beginning.text);
              }}
            >
              {beginning.label}
            </Button>
          )}
          <span role="status">
            <Text color="secondary" variant="body-small">
              {said}
            </Text>
          </span>
        </Flex>
      </Flex>
    </div>
  );
}
