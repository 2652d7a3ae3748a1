import { useEntityRefLink } from '@backstage/plugin-catalog-react';
import { Alert, Text } from '@backstage/ui';
import {
  EntityLink,
  type PollingState,
  formatCountOf,
} from '@millrace/plugin-data-platform-react';
import type { KnownReaders } from '@millrace/plugin-event-types-common';
import { Fragment } from 'react';

/** Who reads it, and so goes without once it is taken down. */
export function Readers(props: { state: PollingState<KnownReaders> }) {
  const { value, error } = props.state;
  const entityLink = useEntityRefLink();
  if (!value) {
    return error ? (
      <Text as="p">Who reads it could not be found out.</Text>
    ) : null;
  }
  if (!value.isKnown) {
    return (
      <Text as="p">
        Who reads it is not known here: tell those who may before you go on.
      </Text>
    );
  }
  const { readers } = value;
  if (readers.length === 0) {
    return <Text as="p">Nobody is known to read it.</Text>;
  }
  return (
    <Alert
      status="warning"
      icon
      title={`${formatCountOf(
        readers.length,
        'reader',
      )} would get no more new data`}
      description={readers.map(({ entityRef }, at) => (
        <Fragment key={entityRef}>
          {at > 0 && ', '}
          <EntityLink entityRef={entityRef} href={entityLink(entityRef)} />
        </Fragment>
      ))}
    />
  );
}
