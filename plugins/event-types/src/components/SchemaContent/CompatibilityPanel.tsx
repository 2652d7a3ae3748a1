import { useApi } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import {
  Alert,
  Button,
  Card,
  CardBody,
  CardHeader,
  Flex,
  Radio,
  RadioGroup,
  Text,
} from '@backstage/ui';
import {
  type CompatibilityMode,
  type EventTypeEvolution,
  compatibilityLoosenPermission,
} from '@millrace/plugin-event-types-common';
import { useState } from 'react';
import { eventTypesApiRef } from '../../api';
import { ChangeDialog } from './ChangeDialog';
import { MODE_WORDS } from './modes';

/** How the schema may change, in words; its owner may choose another mode. */
export function CompatibilityPanel(props: {
  name: string;
  evolution: EventTypeEvolution;
  mayChange: boolean;
  onChanged: () => void;
}) {
  const { name, evolution, mayChange, onChanged } = props;
  const [isChoosing, setChoosing] = useState(false);
  const { label, meaning } = MODE_WORDS[evolution.mode];
  return (
    <Card>
      <CardHeader>
        <Text as="h3" variant="title-x-small" weight="bold">
          Compatibility: {label}
        </Text>
      </CardHeader>
      <CardBody>
        <Flex align="center" justify="between" gap="4">
          <Text color="secondary">{meaning}</Text>
          {mayChange && !evolution.retiredAt && (
            <Button variant="secondary" onPress={() => setChoosing(true)}>
              Change the mode
            </Button>
          )}
        </Flex>
      </CardBody>
      {isChoosing && (
        <ChangeModeDialog
          name={name}
          evolution={evolution}
          onClose={() => setChoosing(false)}
          onDone={() => {
            setChoosing(false);
            onChanged();
          }}
        />
      )}
    </Card>
  );
}

function ChangeModeDialog(props: {
  name: string;
  evolution: EventTypeEvolution;
  onClose: () => void;
  onDone: () => void;
}) {
  const { name, evolution, onClose, onDone } = props;
  const api = useApi(eventTypesApiRef);
  const [mode, setMode] = useState<CompatibilityMode>(evolution.mode);
  const { allowed: mayLoosen } = usePermission({
    permission: compatibilityLoosenPermission,
  });
  const chosen = evolution.modes.find(each => each.mode === mode);
  return (
    <ChangeDialog
      title={`How may ${name} change?`}
      verb={`Set to ${MODE_WORDS[mode].label}`}
      failure="The mode was not changed."
      isReady={mode !== evolution.mode && (!chosen?.isLoosening || mayLoosen)}
      isDestructive={chosen?.isLoosening}
      change={() => api.setCompatibility(name, mode)}
      onDone={onDone}
      onClose={onClose}
    >
      <RadioGroup
        label="Mode"
        description="It decides about the next version; versions that are published stay."
        value={mode}
        onChange={value => {
          const found = evolution.modes.find(each => each.mode === value);
          if (found) {
            setMode(found.mode);
          }
        }}
      >
        {evolution.modes.map(each => (
          <Radio
            key={each.mode}
            value={each.mode}
            isDisabled={each.isLoosening && !mayLoosen}
          >
            {MODE_WORDS[each.mode].label}: {MODE_WORDS[each.mode].meaning}
          </Radio>
        ))}
      </RadioGroup>
      {chosen?.isLoosening && (
        <Alert
          status="warning"
          icon
          title="This gives up what is promised today"
          description={`Those who rely on it are not asked: ${
            MODE_WORDS[evolution.mode].meaning
          }`}
        />
      )}
      {!mayLoosen && (
        <Text color="secondary" variant="body-small">
          A mode that promises less is for the platform team to choose.
        </Text>
      )}
    </ChangeDialog>
  );
}
