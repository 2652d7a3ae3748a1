export { FixAndReplayDialog } from './FixAndReplayDialog';
export { REPLAY_PARAM, ReplayPanel } from './ReplayPanel';
export { Replays } from './Replays';
