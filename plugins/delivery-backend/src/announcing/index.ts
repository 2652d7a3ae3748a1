export { publishSealed } from './publishSealed';
export { SealedFollower } from './SealedFollower';
export { tellOfRevisions } from './tellOfRevisions';
