import { ProxiedSignInPage } from '@backstage/core-components';
import { configApiRef, useApi } from '@backstage/frontend-plugin-api';
import type { SignInPageProps } from '@backstage/plugin-app-react';
import { useMemo, useState } from 'react';
import { readDemoIdentities } from './demoIdentities';
import { IdentityPicker } from './IdentityPicker';
import {
  forgetIdentity,
  forgettingOnSignOut,
  recallIdentity,
  rememberIdentity,
} from './rememberedIdentity';
import { SignInFailed, SignInFailedContext } from './SignInFailed';
import { SignInFrame } from './SignInFrame';
import styles from './SignIn.module.css';

const EXAMPLE_CONFIG = `auth:
  providers:
    demo:
      identities:
        - user:default/developer
        - user:default/owner
        - user:default/platform`;

/**
 * Offers the demo identities, signs in as the chosen one, and remembers it for
 * the next load of the page. Signing out forgets it and leads back here.
 */
export function SignInPage(props: SignInPageProps) {
  const { onSignInSuccess } = props;
  const config = useApi(configApiRef);
  const identities = useMemo(() => readDemoIdentities(config), [config]);
  const [chosen, setChosen] = useState(() =>
    recallIdentity(identities?.map(({ ref }) => ref) ?? []),
  );
  const [attempt, setAttempt] = useState(0);
  const afterFailure = useMemo(
    () => ({
      retry: () => setAttempt(count => count + 1),
      chooseAgain: () => {
        forgetIdentity();
        setChosen(undefined);
      },
    }),
    [],
  );

  if (!identities?.length) {
    return (
      <SignInFrame
        title="Sign-in is not configured"
        description="This portal has no sign-in provider that its sign-in page knows. To try Millrace on one machine, offer demo identities in the config; for a deployment of your own, install a real provider and its sign-in page."
      >
        <pre className={styles.code}>{EXAMPLE_CONFIG}</pre>
      </SignInFrame>
    );
  }
  if (chosen === undefined) {
    return (
      <SignInFrame
        title="Who do you want to be?"
        description="This is a portal for trying Millrace: sign-in asks for no password. What you see and may do depends on who you are."
      >
        <IdentityPicker
          identities={identities}
          onChoose={ref => {
            rememberIdentity(ref);
            setChosen(ref);
          }}
        />
      </SignInFrame>
    );
  }
  return (
    <SignInFailedContext.Provider value={afterFailure}>
      <ProxiedSignInPage
        key={`${chosen} ${attempt}`}
        provider="demo"
        headers={{ 'x-millrace-demo-identity': chosen }}
        ErrorComponent={SignInFailed}
        onSignInSuccess={identity =>
          onSignInSuccess(forgettingOnSignOut(identity))
        }
      />
    </SignInFailedContext.Provider>
  );
}
