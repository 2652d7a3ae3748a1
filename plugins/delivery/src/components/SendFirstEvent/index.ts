export { SendFirstEvent } from './SendFirstEvent';
