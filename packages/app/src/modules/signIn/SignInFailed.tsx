import { Button, Flex } from '@backstage/ui';
import { ProblemPanel } from '@millrace/plugin-data-platform-react';
import { createContext, useContext } from 'react';
import { SignInFrame } from './SignInFrame';

/** What one can do after a failed sign-in. */
export const SignInFailedContext = createContext<{
  retry: () => void;
  chooseAgain: () => void;
}>({ retry: () => {}, chooseAgain: () => {} });

/** Shown when the backend refuses the chosen identity or does not answer. */
export function SignInFailed(props: { error?: Error }) {
  const { retry, chooseAgain } = useContext(SignInFailedContext);
  return (
    <SignInFrame
      title="Signing in did not work"
      description="Right after a start the portal may still be loading its users: wait some seconds and try again."
    >
      {props.error && (
        <ProblemPanel
          what="You could not be signed in."
          error={props.error}
          onRetry={retry}
        />
      )}
      <Flex gap="3">
        <Button variant="secondary" onPress={chooseAgain}>
          Choose another identity
        </Button>
      </Flex>
    </SignInFrame>
  );
}
