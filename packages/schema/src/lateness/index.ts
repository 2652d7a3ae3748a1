export {
  defaultLatenessObjectivesMs,
  type LatenessObjectivesMs,
} from './objectives';
