export { DeclarationReviewer } from './DeclarationReviewer';
export { OwnerGate } from './OwnerGate';
