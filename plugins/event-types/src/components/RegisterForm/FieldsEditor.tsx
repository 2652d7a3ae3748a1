import {
  Button,
  ButtonIcon,
  Checkbox,
  Flex,
  Select,
  Text,
  TextField,
  VisuallyHidden,
} from '@backstage/ui';
import {
  type DeclarationOptions,
  type DeclarationProblem,
  SIMPLE_FIELD_TYPES,
  type SimpleFieldType,
} from '@millrace/plugin-event-types-common';
import {
  RiAddLine,
  RiArrowDownLine,
  RiArrowUpLine,
  RiDeleteBinLine,
} from '@remixicon/react';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { type FieldRow, newFieldRow } from './draft';
import { problemAt, showProblem } from './problems';
import styles from './RegisterForm.module.css';

const TYPE_OPTIONS = SIMPLE_FIELD_TYPES.map(type => ({
  id: type,
  label: type,
}));

/** Stands for no decision in the list of semantic types. */
const UNSAID = 'unsaid';

function isSimpleFieldType(value: unknown): value is SimpleFieldType {
  return SIMPLE_FIELD_TYPES.some(type => type === value);
}

type Move = 'up' | 'down';

/**
 * The simple list of fields. The keyboard never falls back to the top of the page:
 * adding a row moves the focus into it, removing one moves it to the row that takes
 * its place, and a row that is moved takes the focus along.
 */
export function FieldsEditor(props: {
  rows: FieldRow[];
  problems: DeclarationProblem[];
  /** What a field may hold about a person, if that is asked for here. */
  semanticTypes?: DeclarationOptions['semanticTypes'];
  onChange: (rows: FieldRow[], changed: string) => void;
}) {
  const { rows, problems, semanticTypes, onChange } = props;
  const listRef = useRef<HTMLUListElement>(null);
  const focusNext = useRef<{ row: number; move?: Move }>();
  const [said, setSaid] = useState('');

  useEffect(() => {
    const next = focusNext.current;
    if (next) {
      focusNext.current = undefined;
      const row = listRef.current?.querySelectorAll('li')[next.row];
      const button = row?.querySelector<HTMLButtonElement>(
        `[data-move="${next.move}"] button:not([disabled])`,
      );
      (button ?? row?.querySelector('input'))?.focus();
    }
  }, [rows]);

  const add = () => {
    focusNext.current = { row: rows.length };
    onChange([...rows, newFieldRow()], '/fields');
  };
  const remove = (index: number) => {
    focusNext.current = { row: Math.min(index, rows.length - 2) };
    // Behind the removed row every pointer shifts: none of them holds any more.
    onChange(
      rows.filter((_, at) => at !== index),
      '/fields',
    );
  };
  const moveRow = (index: number, move: Move, isByButton: boolean) => {
    const to = index + (move === 'up' ? -1 : 1);
    if (to < 0 || to >= rows.length) {
      return;
    }
    const moved = [...rows];
    [moved[index], moved[to]] = [moved[to], moved[index]];
    focusNext.current = { row: to, ...(isByButton && { move }) };
    setSaid(
      `${rows[index].name || 'The field'} is now field ${to + 1} of ${
        rows.length
      }`,
    );
    onChange(moved, '/fields');
  };
  const changeRow = (index: number, part: Partial<FieldRow>) =>
    onChange(
      rows.map((row, at) => (at === index ? { ...row, ...part } : row)),
      `/fields/${index}`,
    );
  const moveByKey = (event: KeyboardEvent, index: number) => {
    const isUp = event.key === 'ArrowUp';
    if (
      event.altKey &&
      (isUp || event.key === 'ArrowDown') &&
      event.target instanceof HTMLInputElement
    ) {
      event.preventDefault();
      event.stopPropagation();
      moveRow(index, isUp ? 'up' : 'down', false);
    }
  };

  return (
    <Flex direction="column" gap="3">
      <div className={semanticTypes ? styles.withMeaning : undefined}>
        <div className={`${styles.row} ${styles.rowHead}`} aria-hidden="true">
          <span>Name</span>
          <span>Type</span>
          <span>Description</span>
          {semanticTypes && <span>About a person</span>}
        </div>
        <ul ref={listRef} className={styles.rows} aria-label="Fields">
          {rows.map((row, index) => {
            const label = `field ${index + 1}`;
            const at = `/fields/${index}`;
            const elsewhere = problemAt(
              problems.filter(({ pointer }) => pointer === at),
              at,
            );
            return (
              <li
                key={row.key}
                className={styles.row}
                onKeyDownCapture={event => moveByKey(event, index)}
              >
                <div data-at={`${at}/name`}>
                  <TextField
                    aria-label={`Name of ${label}`}
                    placeholder="order_id"
                    value={row.name}
                    onChange={name => changeRow(index, { name })}
                    {...showProblem(
                      problemAt(problems, `${at}/name`) ?? elsewhere,
                    )}
                  />
                </div>
                <div data-at={`${at}/type`}>
                  <Select
                    aria-label={`Type of ${label}`}
                    options={TYPE_OPTIONS}
                    value={row.type}
                    onChange={type =>
                      isSimpleFieldType(type) && changeRow(index, { type })
                    }
                    {...showProblem(problemAt(problems, `${at}/type`))}
                  />
                </div>
                <div data-at={`${at}/doc`}>
                  <TextField
                    aria-label={`Description of ${label}`}
                    placeholder="What it says"
                    value={row.doc}
                    onChange={doc => changeRow(index, { doc })}
                    {...showProblem(problemAt(problems, `${at}/doc`))}
                  />
                </div>
                {semanticTypes && (
                  <div data-at={`${at}/semanticType`}>
                    <Select
                      aria-label={`What ${label} holds`}
                      placeholder="Not said"
                      searchable
                      options={[
                        { id: UNSAID, label: 'Not said' },
                        ...semanticTypes.map(({ id, title }) => ({
                          id,
                          label: title,
                        })),
                      ]}
                      value={row.semanticType ?? null}
                      onChange={value =>
                        value !== null &&
                        changeRow(index, {
                          semanticType:
                            value === UNSAID ? undefined : String(value),
                        })
                      }
                    />
                  </div>
                )}
                <Checkbox
                  isSelected={row.required}
                  onChange={required => changeRow(index, { required })}
                  aria-label={`Require ${label}`}
                >
                  required
                </Checkbox>
                <div className={styles.rowActions}>
                  <span data-move="up">
                    <ButtonIcon
                      aria-label={`Move ${label} up`}
                      variant="tertiary"
                      icon={<RiArrowUpLine />}
                      isDisabled={index === 0}
                      onPress={() => moveRow(index, 'up', true)}
                    />
                  </span>
                  <span data-move="down">
                    <ButtonIcon
                      aria-label={`Move ${label} down`}
                      variant="tertiary"
                      icon={<RiArrowDownLine />}
                      isDisabled={index === rows.length - 1}
                      onPress={() => moveRow(index, 'down', true)}
                    />
                  </span>
                  <ButtonIcon
                    aria-label={`Remove ${label}`}
                    variant="tertiary"
                    icon={<RiDeleteBinLine />}
                    isDisabled={rows.length === 1}
                    onPress={() => remove(index)}
                  />
                </div>
              </li>
            );
          })}
        </ul>
      </div>
      <VisuallyHidden role="status">{said}</VisuallyHidden>
      <Flex align="center" gap="3">
        <Button variant="secondary" iconStart={<RiAddLine />} onPress={add}>
          Add a field
        </Button>
        <Text color="secondary" variant="body-small">
          A required field must be in every event. Whatever is not described
          here is refused. Alt and an arrow key move a field.
        </Text>
      </Flex>
    </Flex>
  );
}
