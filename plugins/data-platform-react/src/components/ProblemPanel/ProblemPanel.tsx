import { Alert, Button } from '@backstage/ui';
import { explainError } from './explainError';

export { explainError, isDenied, isNotFound } from './explainError';
export type { Explanation } from './explainError';

/**
 * Says what happened, why, and what to do.
 *
 * @public
 */
export function ProblemPanel(props: {
  /** What could not be done, as a sentence: `Delivery could not be loaded.` */
  what: string;
  error: Error;
  onRetry?: () => void;
}) {
  const { what, error, onRetry } = props;
  const { why, whatToDo } = explainError(error);
  return (
    <Alert
      role="alert"
      status="danger"
      icon
      title={what}
      description={
        <>
          <div>{why}</div>
          <div>{whatToDo}</div>
        </>
      }
      customActions={
        onRetry && (
          <Button variant="secondary" onPress={onRetry}>
            Try again
          </Button>
        )
      }
    />
  );
}
