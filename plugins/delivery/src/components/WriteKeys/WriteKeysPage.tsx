import { useRouteRef } from '@backstage/frontend-plugin-api';
import {
  RequirePermission,
  usePermission,
} from '@backstage/plugin-permission-react';
import { Button, ButtonLink, Flex, Skeleton, Text } from '@backstage/ui';
import {
  DeniedState,
  EmptyState,
  PageFrame,
  ProblemPanel,
} from '@millrace/plugin-data-platform-react';
import {
  writeKeyCreatePermission,
  writeKeyReadPermission,
} from '@millrace/plugin-delivery-common';
import { RiAddLine, RiKey2Line } from '@remixicon/react';
import { useCallback } from 'react';
import { useSearchParams } from 'react-router-dom';
import { rootRouteRef } from '../../routes';
import { CreateKeyDialog } from './CreateKeyDialog';
import { describeKeys } from './describeKeys';
import { WRITE_KEY_PARAMS } from './params';
import { useWriteKeys } from './useWriteKeys';
import { WriteKeyPanel } from './WriteKeyPanel';
import { WriteKeysTable } from './WriteKeysTable';

/** Who can send events, and with which key? */
export function WriteKeysPage() {
  return (
    <RequirePermission
      permission={writeKeyReadPermission}
      errorPage={
        <PageFrame title="Write keys">
          <DeniedState
            title="You may not see write keys"
            description="Ask the platform team to let you see your own."
          />
        </PageFrame>
      }
    >
      <WriteKeys />
    </RequirePermission>
  );
}

function Actions(props: { onCreate: () => void }) {
  const overviewLink = useRouteRef(rootRouteRef);
  const { allowed, loading } = usePermission({
    permission: writeKeyCreatePermission,
  });
  return (
    <>
      {overviewLink && (
        <ButtonLink href={overviewLink()} variant="tertiary">
          Delivery of all event types
        </ButtonLink>
      )}
      <Button
        iconStart={<RiAddLine />}
        // Not while it is being asked: what is disabled takes no key, and
        // loses the focus it had.
        isDisabled={!loading && !allowed}
        onPress={props.onCreate}
      >
        Create a write key
      </Button>
    </>
  );
}

function WriteKeys() {
  const { value, error, updatedAt, isLoading, reload } = useWriteKeys();
  const [search, setSearch] = useSearchParams();
  const now = updatedAt ?? new Date();
  const { key, create, eventType, state } = WRITE_KEY_PARAMS;
  const opened = search.get(key);
  const ofType = search.get(eventType) ?? undefined;
  const keys =
    ofType === undefined
      ? value
      : value?.filter(
          ({ eventTypes }) => !eventTypes || eventTypes.includes(ofType),
        );

  const set = (name: string, text: string | undefined) =>
    setSearch(current => {
      const next = new URLSearchParams(current);
      if (text === undefined) {
        next.delete(name);
      } else {
        next.set(name, text);
      }
      return next;
    });
  const hrefOf = useCallback(
    (keyId: string) => {
      const next = new URLSearchParams(search);
      next.set(key, keyId);
      return `?${next}`;
    },
    [search, key],
  );

  return (
    <PageFrame
      title="Write keys"
      question="Who can send events, and with which key?"
      answer={keys && describeKeys(keys, now)}
      actions={<Actions onCreate={() => set(create, '')} />}
    >
      {error && (
        <ProblemPanel
          what={
            value
              ? 'The write keys could not be refreshed; this is what was known.'
              : 'The write keys could not be loaded.'
          }
          error={error}
          onRetry={reload}
        />
      )}
      {isLoading && <Skeleton width="100%" height={320} />}
      {ofType !== undefined && (
        <Flex align="center" gap="3">
          <Text as="p">
            Only keys that may send <strong>{ofType}</strong>.
          </Text>
          <Button
            variant="tertiary"
            size="small"
            onPress={() => set(eventType, undefined)}
          >
            Show all keys
          </Button>
        </Flex>
      )}
      {keys && keys.length > 0 && (
        <WriteKeysTable
          keys={keys}
          now={now}
          state={search.get(state) ?? 'all'}
          hrefOf={hrefOf}
        />
      )}
      {keys?.length === 0 && (
        <EmptyState
          icon={<RiKey2Line size={32} />}
          title="No write keys yet"
          description="A producer sends events with a write key. It can write the event types it names, and read nothing. Only a hash of it is stored."
        />
      )}
      {search.has(create) && (
        <CreateKeyDialog
          eventType={ofType}
          onCreated={reload}
          onClose={() => set(create, undefined)}
        />
      )}
      {opened !== null && value && (
        <WriteKeyPanel
          key={opened}
          keyId={opened}
          keys={value}
          now={now}
          reload={reload}
          onClose={() => set(key, undefined)}
        />
      )}
    </PageFrame>
  );
}
