export { allGithubEventTypes, githubEventTypes } from './eventTypes';
export type { GithubEventType } from './eventTypes';
export { cyclePayloads, eventTypeOf, webhookExamples } from './payloads';
export type { Payload, WebhookExamples } from './payloads';
export type { JournalEntry } from './journal';
export { registerGithubEventTypes } from './register';
export type { RegisterOptions, Registration } from './register';
export { sendGithubWebhooks } from './sender';
export type { SendOptions, SendSummary } from './sender';
