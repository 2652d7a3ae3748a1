/**
 * What is wrong with the text of an event's data, as a sentence; `undefined`
 * when it is a JSON object. Whether it fits the schema is for the gateway to say.
 */
export function checkData(text: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return `It is not JSON: ${error instanceof Error ? error.message : error}.`;
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? undefined
    : 'The data of an event is a JSON object: begin with { and end with }.';
}
