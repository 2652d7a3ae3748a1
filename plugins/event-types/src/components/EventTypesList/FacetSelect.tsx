import { Select } from '@backstage/ui';
import { formatCount } from '@millrace/plugin-data-platform-react';
import type { FacetCount } from '@millrace/plugin-event-types-common';

const ANY = 'any';

/** One value to choose from. */
export interface FacetOption {
  id: string;
  label: string;
}

/**
 * Narrows a list by one property. Each value says how many there would be; one
 * that was chosen stays to be chosen, even when there is none of it.
 */
export function FacetSelect(props: {
  label: string;
  /** The choice that narrows nothing: `any owner`. */
  any: string;
  counts: readonly FacetCount[];
  /** Values in their own order; without them, those counted are offered. */
  options?: readonly FacetOption[];
  /** Those that stand for several values come first and have no count. */
  groups?: readonly FacetOption[];
  labelOf?: (value: string) => string;
  value?: string;
  search?: { placeholder: string };
  onChange: (value: string | undefined) => void;
}) {
  const { label, any, counts, groups = [], value, search, onChange } = props;
  const { labelOf = id => id } = props;
  const offered =
    props.options ??
    counts.map(each => ({ id: each.value, label: labelOf(each.value) }));
  const isOffered =
    value === undefined ||
    [...groups, ...offered].some(({ id }) => id === value);
  const withChosen = isOffered
    ? offered
    : [...offered, { id: value, label: labelOf(value) }];
  const countOf = (id: string) =>
    counts.find(each => each.value === id)?.count ?? 0;

  return (
    <Select
      label={label}
      search={search}
      options={[
        { id: ANY, label: any },
        ...groups,
        ...withChosen.map(option => ({
          id: option.id,
          label: `${option.label} (${formatCount(countOf(option.id))})`,
        })),
      ]}
      value={value ?? ANY}
      onChange={chosen =>
        onChange(
          typeof chosen === 'string' && chosen !== ANY ? chosen : undefined,
        )
      }
    />
  );
}
