import { useEntity } from '@backstage/plugin-catalog-react';
import { usePermission } from '@backstage/plugin-permission-react';
import { Alert, Button, Flex, Skeleton, Text } from '@backstage/ui';
import {
  ProblemPanel,
  formatCountOf,
  formatUtcDateTime,
} from '@millrace/plugin-data-platform-react';
import {
  type EventTypeEvolution,
  type VersionWithStep,
  ANNOTATION_ORIGIN,
  ORIGIN_PORTAL,
  eventTypeUpdatePermission,
} from '@millrace/plugin-event-types-common';
import { useEffect, useRef, useState } from 'react';
import { useEvolution, useVersions } from '../../hooks';
import { CompatibilityPanel } from './CompatibilityPanel';
import { DeprecateDialog, DeprecationBanner } from './DeprecationPanel';
import { DiffView } from './DiffView';
import { EvolveForm } from './EvolveForm';
import { MajorPanel, SucceedsBanner } from './MajorPanel';
import { VersionFields } from './VersionFields';
import { VersionsTable } from './VersionsTable';
import styles from './SchemaContent.module.css';

function describeVersion(version: VersionWithStep, newest: number): string {
  const { fields, createdAt, createdBy } = version;
  const required = fields.filter(field => field.required).length;
  const which =
    version.version === newest
      ? `Version ${version.version}, the newest`
      : `Version ${version.version} of ${newest}`;
  return `${which}: ${formatCountOf(
    fields.length,
    'field',
  )}, ${required} required. Since ${formatUtcDateTime(
    createdAt,
  )}, by ${createdBy}.`;
}

function Schema(props: {
  name: string;
  versions: VersionWithStep[];
  evolution: EventTypeEvolution | undefined;
  mayChange: boolean;
  /** A declaration in a repository changes there. */
  isDeclaredElsewhere: boolean;
  onChanged: () => void;
}) {
  const { name, versions, evolution, mayChange, onChanged } = props;
  const newest = versions[0];
  const [chosen, setChosen] = useState<number>();
  const [compared, setCompared] = useState<[from: number, to: number]>();
  const [isEvolving, setEvolving] = useState(false);
  const [wasEvolving, setWasEvolving] = useState(false);
  const answerRef = useRef<HTMLDivElement>(null);
  const [isDeprecating, setDeprecating] = useState(false);
  const version =
    versions.find(candidate => candidate.version === chosen) ?? newest;
  const done = () => {
    setEvolving(false);
    setDeprecating(false);
    onChanged();
  };

  useEffect(() => {
    if (wasEvolving && !isEvolving) {
      answerRef.current?.focus();
    }
  }, [wasEvolving, isEvolving]);

  if (isEvolving) {
    return (
      <EvolveForm
        name={name}
        newest={newest}
        onPublished={done}
        onCancel={() => setEvolving(false)}
      />
    );
  }
  const mayEvolve = mayChange && evolution && !evolution.retiredAt;
  return (
    <Flex direction="column" gap="5">
      {evolution?.retiredAt && (
        <Alert
          status="danger"
          icon
          title={`Retired since ${formatUtcDateTime(evolution.retiredAt)}`}
          description="Gateways refuse its events. Its partitions stay as they are."
        />
      )}
      {evolution?.deprecation && !evolution.retiredAt && (
        <DeprecationBanner
          name={name}
          deprecation={evolution.deprecation}
          mayChange={mayChange}
          onChanged={onChanged}
        />
      )}
      {evolution?.succeeds && <SucceedsBanner major={evolution.succeeds} />}
      <div className={styles.top}>
        <div ref={answerRef} tabIndex={-1} role="status">
          <Text as="h2" variant="title-x-small">
            {describeVersion(version, newest.version)}
          </Text>
        </div>
        {mayEvolve && (
          <Flex gap="3">
            {!evolution.deprecation && (
              <Button variant="tertiary" onPress={() => setDeprecating(true)}>
                Deprecate
              </Button>
            )}
            {!props.isDeclaredElsewhere && (
              <Button
                onPress={() => {
                  setEvolving(true);
                  setWasEvolving(true);
                }}
              >
                Change the schema
              </Button>
            )}
          </Flex>
        )}
      </div>
      {mayEvolve && props.isDeclaredElsewhere && (
        <Text color="secondary">
          The schema is declared as YAML beside the code and changes there. Mode
          and deprecation are set here.
        </Text>
      )}
      {evolution?.succeededBy && (
        <MajorPanel
          name={name}
          major={evolution.succeededBy}
          mayChange={mayChange}
          onChanged={onChanged}
        />
      )}
      {evolution && (
        <CompatibilityPanel
          name={name}
          evolution={evolution}
          mayChange={mayChange}
          onChanged={onChanged}
        />
      )}
      <VersionFields
        versions={versions}
        version={version}
        onChoose={setChosen}
      />
      <VersionsTable
        versions={versions}
        onCompare={(from, to) => setCompared([from, to])}
      />
      {compared && (
        <DiffView
          name={name}
          versions={versions.map(each => each.version)}
          from={compared[0]}
          to={compared[1]}
          onChange={(from, to) => setCompared([from, to])}
        />
      )}
      {isDeprecating && (
        <DeprecateDialog
          name={name}
          onClose={() => setDeprecating(false)}
          onDone={done}
        />
      )}
    </Flex>
  );
}

/** What does an event of this type look like, and how may that change? */
export function SchemaContent() {
  const { entity } = useEntity();
  const { name, annotations } = entity.metadata;
  const versions = useVersions(name);
  const evolution = useEvolution(name);
  const { allowed } = usePermission({
    permission: eventTypeUpdatePermission,
    resourceRef: name,
  });
  const isEventType = entity.kind.toLocaleLowerCase('en-US') === 'eventtype';
  const reload = () => {
    versions.reload();
    evolution.reload();
  };
  if (versions.isLoading) {
    return <Skeleton width="100%" height={320} />;
  }
  return (
    <>
      {versions.error && !versions.value && (
        <ProblemPanel
          what="The schema could not be loaded."
          error={versions.error}
          onRetry={versions.reload}
        />
      )}
      {evolution.error && !evolution.value && versions.value && (
        <ProblemPanel
          what="How it may change could not be loaded."
          error={evolution.error}
          onRetry={evolution.reload}
        />
      )}
      {versions.value && versions.value.length > 0 && (
        <Schema
          name={name}
          versions={versions.value}
          evolution={evolution.value}
          // A data endpoint shows the schema; it changes at its event type.
          mayChange={allowed && isEventType}
          isDeclaredElsewhere={
            annotations?.[ANNOTATION_ORIGIN] !== ORIGIN_PORTAL
          }
          onChanged={reload}
        />
      )}
    </>
  );
}
