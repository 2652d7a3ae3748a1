import {
  Button,
  ButtonIcon,
  Checkbox,
  Flex,
  Select,
  Text,
  TextField,
} from '@backstage/ui';
import {
  type DeclarationProblem,
  SIMPLE_FIELD_TYPES,
  type SimpleFieldType,
} from '@millrace/plugin-event-types-common';
import { RiAddLine, RiDeleteBinLine } from '@remixicon/react';
import { useEffect, useRef } from 'react';
import { type FieldRow, newFieldRow } from './draft';
import { problemAt, showProblem } from './problems';
import styles from './RegisterForm.module.css';

const TYPE_OPTIONS = SIMPLE_FIELD_TYPES.map(type => ({
  id: type,
  label: type,
}));

function isSimpleFieldType(value: unknown): value is SimpleFieldType {
  return SIMPLE_FIELD_TYPES.some(type => type === value);
}

/**
 * The simple list of fields. Adding a row moves the focus into it; removing one
 * moves it to the row that takes its place, so that the keyboard never falls
 * back to the top of the page.
 */
export function FieldsEditor(props: {
  rows: FieldRow[];
  problems: DeclarationProblem[];
  onChange: (rows: FieldRow[], changed: string) => void;
}) {
  const { rows, problems, onChange } = props;
  const listRef = useRef<HTMLUListElement>(null);
  const focusRow = useRef<number>();

  useEffect(() => {
    if (focusRow.current !== undefined) {
      const items = listRef.current?.children;
      items?.[focusRow.current]?.querySelector('input')?.focus();
      focusRow.current = undefined;
    }
  }, [rows.length]);

  const add = () => {
    focusRow.current = rows.length;
    onChange([...rows, newFieldRow()], '/fields');
  };
  const remove = (index: number) => {
    focusRow.current = Math.min(index, rows.length - 2);
    // Behind the removed row every pointer shifts: none of them holds any more.
    onChange(
      rows.filter((_, at) => at !== index),
      '/fields',
    );
  };
  const changeRow = (index: number, part: Partial<FieldRow>) =>
    onChange(
      rows.map((row, at) => (at === index ? { ...row, ...part } : row)),
      `/fields/${index}`,
    );

  return (
    <Flex direction="column" gap="3">
      <ul ref={listRef} className={styles.rows} aria-label="Fields">
        {rows.map((row, index) => {
          const label = `field ${index + 1}`;
          const at = `/fields/${index}`;
          const elsewhere = problemAt(
            problems.filter(({ pointer }) => pointer === at),
            at,
          );
          return (
            <li key={row.key} className={styles.row}>
              <TextField
                aria-label={`Name of ${label}`}
                placeholder="name"
                value={row.name}
                onChange={name => changeRow(index, { name })}
                {...showProblem(problemAt(problems, `${at}/name`) ?? elsewhere)}
              />
              <Select
                aria-label={`Type of ${label}`}
                options={TYPE_OPTIONS}
                value={row.type}
                onChange={type =>
                  isSimpleFieldType(type) && changeRow(index, { type })
                }
                {...showProblem(problemAt(problems, `${at}/type`))}
              />
              <TextField
                aria-label={`Description of ${label}`}
                placeholder="description"
                value={row.doc}
                onChange={doc => changeRow(index, { doc })}
                {...showProblem(problemAt(problems, `${at}/doc`))}
              />
              <Checkbox
                isSelected={row.required}
                onChange={required => changeRow(index, { required })}
                aria-label={`Require ${label}`}
              >
                required
              </Checkbox>
              <ButtonIcon
                aria-label={`Remove ${label}`}
                variant="tertiary"
                icon={<RiDeleteBinLine />}
                isDisabled={rows.length === 1}
                onPress={() => remove(index)}
              />
            </li>
          );
        })}
      </ul>
      <Flex align="center" gap="3">
        <Button variant="secondary" iconStart={<RiAddLine />} onPress={add}>
          Add a field
        </Button>
        <Text color="secondary" variant="body-small">
          A required field must be in every event. Whatever is not described
          here is refused.
        </Text>
      </Flex>
    </Flex>
  );
}
