import {
  Button,
  ButtonIcon,
  Flex,
  Radio,
  RadioGroup,
  Select,
  Text,
  TextField,
} from '@backstage/ui';
import { RiAddLine, RiDeleteBinLine } from '@remixicon/react';
import { useEffect, useId, useRef } from 'react';
import {
  CAST_TARGETS,
  type FixDraft,
  MAX_OPERATIONS,
  OPERATIONS,
  type OperationDraft,
  describeValue,
  isOperationId,
  newOperation,
} from './fixDraft';
import styles from './Replay.module.css';

/** What follows the place of a change, by its kind. */
function OperationTarget(props: {
  operation: OperationDraft;
  label: string;
  onChange: (part: Partial<OperationDraft>) => void;
}) {
  const { operation, label, onChange } = props;
  const { op, value, to, castTo } = operation;
  const hintId = useId();
  switch (op) {
    case 'set':
      return (
        <div>
          <TextField
            aria-label={`Value of ${label}`}
            aria-describedby={hintId}
            placeholder="such as 0, true or text"
            value={value}
            onChange={next => onChange({ value: next })}
          />
          {value && (
            <Text
              as="p"
              id={hintId}
              color="secondary"
              variant="body-small"
            >{`It becomes ${describeValue(value)}.`}</Text>
          )}
        </div>
      );
    case 'rename':
      return (
        <TextField
          aria-label={`New place of ${label}`}
          placeholder="/data/amount"
          value={to}
          onChange={next => onChange({ to: next })}
        />
      );
    case 'cast':
      return (
        <Select
          aria-label={`What ${label} turns the field into`}
          options={CAST_TARGETS}
          value={castTo}
          onChange={next => {
            const target = CAST_TARGETS.find(({ id }) => id === next);
            if (target) {
              onChange({ castTo: target.id });
            }
          }}
        />
      );
    default:
      return <span />;
  }
}

/**
 * The changes that mend the events, in order. Adding one moves the focus into
 * it; removing one moves it to the change that takes its place.
 */
export function FixEditor(props: {
  draft: FixDraft;
  /** Fields worth suggesting: those the events were refused for. */
  eventTypes: string[];
  onChange: (draft: FixDraft) => void;
}) {
  const { draft, eventTypes, onChange } = props;
  const { mode, operations } = draft;
  const listRef = useRef<HTMLOListElement>(null);
  const focusRow = useRef<number>();

  useEffect(() => {
    if (focusRow.current !== undefined) {
      const row = listRef.current?.children[focusRow.current];
      row?.querySelector<HTMLElement>('button, input')?.focus();
      focusRow.current = undefined;
    }
  }, [operations.length]);

  const changeRow = (index: number, part: Partial<OperationDraft>) =>
    onChange({
      ...draft,
      operations: operations.map((row, at) =>
        at === index ? { ...row, ...part } : row,
      ),
    });
  const add = () => {
    focusRow.current = operations.length;
    onChange({ ...draft, operations: [...operations, newOperation()] });
  };
  const remove = (index: number) => {
    focusRow.current = Math.min(index, operations.length - 2);
    onChange({
      ...draft,
      operations: operations.filter((_, at) => at !== index),
    });
  };

  return (
    <Flex direction="column" gap="3">
      <RadioGroup
        label="What was corrected"
        value={mode}
        onChange={value =>
          onChange({ ...draft, mode: value === 'as-is' ? 'as-is' : 'change' })
        }
      >
        <Radio value="change">
          The events are wrong: change them before they are sent again
        </Radio>
        <Radio value="as-is">
          The schema or the settings were wrong and are corrected now: send the
          events as they are
        </Radio>
      </RadioGroup>
      {mode === 'change' && (
        <>
          <ol ref={listRef} className={styles.rows} aria-label="Changes">
            {operations.map((operation, index) => {
              const label = `change ${index + 1}`;
              return (
                <li key={operation.key} className={styles.row}>
                  <Select
                    aria-label={`Kind of ${label}`}
                    options={OPERATIONS}
                    value={operation.op}
                    onChange={op =>
                      isOperationId(op) && changeRow(index, { op })
                    }
                  />
                  {operation.op === 'setType' ? (
                    <Select
                      aria-label={`Event type of ${label}`}
                      placeholder="Choose an event type"
                      search={{ placeholder: 'Search event types' }}
                      options={eventTypes.map(id => ({ id, label: id }))}
                      value={operation.eventType || null}
                      onChange={eventType =>
                        changeRow(index, { eventType: String(eventType) })
                      }
                    />
                  ) : (
                    <TextField
                      aria-label={`Place of ${label}`}
                      placeholder="/data/amount"
                      value={operation.pointer}
                      onChange={pointer => changeRow(index, { pointer })}
                    />
                  )}
                  <OperationTarget
                    operation={operation}
                    label={label}
                    onChange={part => changeRow(index, part)}
                  />
                  <ButtonIcon
                    aria-label={`Remove ${label}`}
                    variant="tertiary"
                    icon={<RiDeleteBinLine />}
                    isDisabled={operations.length === 1}
                    onPress={() => remove(index)}
                  />
                </li>
              );
            })}
          </ol>
          <Flex align="center" gap="3">
            <Button
              variant="secondary"
              iconStart={<RiAddLine />}
              isDisabled={operations.length >= MAX_OPERATIONS}
              onPress={add}
            >
              Add a change
            </Button>
            <Text color="secondary" variant="body-small">
              They are made in this order. <code>*</code> in a place stands for
              every element of a list. What was kept stays as it is; only what
              is sent changes.
            </Text>
          </Flex>
        </>
      )}
    </Flex>
  );
}
