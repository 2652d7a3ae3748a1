import { Badge } from '@backstage/ui';
import { PlainTable } from '@millrace/plugin-data-platform-react';
import type { FieldSummary } from '@millrace/plugin-event-types-common';
import styles from './FieldsTable.module.css';

const COLUMNS = [
  { id: 'path', label: 'Field' },
  { id: 'type', label: 'Type' },
  { id: 'required', label: 'Required' },
  { id: 'semanticType', label: 'Meaning' },
  { id: 'doc', label: 'Description' },
];

/** How deep a field lies: `a.b[].c` has depth 2. */
function depthOf(path: string): number {
  return path.split('.').length - 1;
}

/**
 * The fields of a schema, a record before the fields inside it. The whole path
 * is always readable, so that a filtered list still says where a field lies.
 */
export function FieldsTable(props: {
  caption: string;
  fields: FieldSummary[];
}) {
  const { caption, fields } = props;
  return (
    <PlainTable caption={caption} isCaptionVisible columns={COLUMNS}>
      {fields.map(field => {
        const at = field.path.lastIndexOf('.') + 1;
        return (
          <tr key={field.path}>
            <th
              scope="row"
              className={styles.path}
              style={{ paddingLeft: `${0.5 + depthOf(field.path)}rem` }}
            >
              <span className={styles.secondary}>
                {field.path.slice(0, at)}
              </span>
              {field.path.slice(at)}
            </th>
            <td className={styles.type}>{field.type}</td>
            <td>{field.required ? 'required' : 'optional'}</td>
            <td>{field.semanticType && <Badge>{field.semanticType}</Badge>}</td>
            <td className={styles.secondary}>{field.doc}</td>
          </tr>
        );
      })}
    </PlainTable>
  );
}
