export { NoneFits, TableFrame, describeNoneFits } from './TableFrame';
