import { useApi } from '@backstage/frontend-plugin-api';
import { useEntity } from '@backstage/plugin-catalog-react';
import { usePermission } from '@backstage/plugin-permission-react';
import { Alert, Button, Flex, Text } from '@backstage/ui';
import { Loaded, usePolling } from '@millrace/plugin-data-platform-react';
import {
  type EventType,
  eventTypeUpdatePermission,
} from '@millrace/plugin-event-types-common';
import { useCallback, useEffect, useRef, useState } from 'react';
import { declarationsApiRef, eventTypesApiRef } from '../../api';
import { ImportDeclaration } from '../ImportDeclaration';
import { ProblemsTable, YamlText } from '../YamlText';
import { DeclaredBy } from './DeclaredBy';
import { RepositorySteps } from './RepositorySteps';
import { describeTakenIn } from './describe';

/** Declarations change by people: looking twice a minute is often enough. */
const REFRESH_INTERVAL_MS = 30_000;

/** Where is this declared, and how do I keep it in a repository? */
export function CodeContent() {
  const { entity } = useEntity();
  const { name } = entity.metadata;
  const eventTypes = useApi(eventTypesApiRef);
  const declarations = useApi(declarationsApiRef);
  const { allowed } = usePermission({
    permission: eventTypeUpdatePermission,
    resourceRef: name,
  });
  const load = useCallback(
    async (signal: AbortSignal) => {
      const [eventType, text] = await Promise.all([
        eventTypes.getEventType(name, { signal }),
        declarations.getDeclaration(name, { signal }),
      ]);
      return { eventType, text };
    },
    [eventTypes, declarations, name],
  );
  const state = usePolling(load, { intervalMs: REFRESH_INTERVAL_MS });

  return (
    <Loaded
      what="declaration"
      state={state}
      deniedHint="It is for those who may read the event type. Ask its owner or the platform team."
    >
      {value => (
        <Code {...value} mayChange={allowed} onChanged={state.reload} />
      )}
    </Loaded>
  );
}

function Code(props: {
  eventType: EventType;
  text: string;
  mayChange: boolean;
  onChanged: () => void;
}) {
  const { eventType, text, mayChange, onChanged } = props;
  const { name, declarationProblems, retiredAt } = eventType;
  const [isImporting, setImporting] = useState(false);
  const [wasImporting, setWasImporting] = useState(false);
  const [takenIn, setTakenIn] = useState<string>();
  const answerRef = useRef<HTMLDivElement>(null);
  const fileName = `${name}.yaml`;
  const isInRepository =
    eventType.origin === 'catalog' && !eventType.orphanedAt;

  useEffect(() => {
    if (wasImporting && !isImporting) {
      answerRef.current?.focus();
    }
  }, [wasImporting, isImporting]);

  if (isImporting) {
    return (
      <ImportDeclaration
        name={name}
        registered={text}
        heading={`Import a declaration of ${name}`}
        onTakenIn={next => {
          setTakenIn(describeTakenIn(eventType, next));
          setImporting(false);
          onChanged();
        }}
        onCancel={() => setImporting(false)}
      />
    );
  }
  return (
    <Flex direction="column" gap="6">
      <div ref={answerRef} tabIndex={-1}>
        <Text as="p" color="secondary" variant="body-small">
          Where is this declared, and how do I keep it in a repository?
        </Text>
        <DeclaredBy eventType={eventType} />
        {takenIn && (
          <Alert role="status" mt="4" status="success" icon title={takenIn} />
        )}
      </div>
      {declarationProblems && declarationProblems.length > 0 && (
        <ProblemsTable
          caption="The newest declaration was refused; the one before it stays in force"
          problems={declarationProblems.map(found => ({
            ...found,
            severity: 'error',
          }))}
        />
      )}
      <section aria-labelledby="declaration-as-code">
        <Flex direction="column" gap="3">
          <Text
            as="h3"
            id="declaration-as-code"
            variant="title-x-small"
            weight="bold"
          >
            As code
          </Text>
          <YamlText text={text} what="declaration" fileName={fileName} />
        </Flex>
      </section>
      <RepositorySteps eventType={eventType} fileName={fileName} />
      {!isInRepository && (
        <section aria-labelledby="declaration-import">
          <Flex direction="column" gap="3">
            <Text
              as="h3"
              id="declaration-import"
              variant="title-x-small"
              weight="bold"
            >
              Change it by a file
            </Text>
            <Text>{importWords(mayChange, retiredAt !== undefined)}</Text>
            {mayChange && !retiredAt && (
              <div>
                <Button
                  variant="secondary"
                  onPress={() => {
                    setTakenIn(undefined);
                    setImporting(true);
                    setWasImporting(true);
                  }}
                >
                  Import a declaration
                </Button>
              </div>
            )}
          </Flex>
        </section>
      )}
    </Flex>
  );
}

function importWords(mayChange: boolean, isRetired: boolean): string {
  if (isRetired) {
    return 'The event type is retired: it does not change any more.';
  }
  return mayChange
    ? 'Paste or choose a changed declaration. What it would change is shown before anything is written, and it stays in the portal.'
    : 'Members of its owner and the platform team can take in a changed declaration here.';
}
