import { TEST_EVENT_SOURCE } from '@millrace/plugin-delivery-common';

/**
 * The text of a test event: a CloudEvent whose `source` marks it as one.
 *
 * @param data - the text of a JSON object; it goes in as it is, so that its
 * numbers keep their digits
 */
export function composeEvent(options: {
  id: string;
  eventType: string;
  time: Date;
  data: string;
}): string {
  const { id, eventType, time, data } = options;
  const envelope = JSON.stringify({
    specversion: '1.0',
    id,
    source: TEST_EVENT_SOURCE,
    type: eventType,
    time: time.toISOString(),
    datacontenttype: 'application/json',
  });
  return `${envelope.slice(0, -1)},"data":${data}}`;
}
