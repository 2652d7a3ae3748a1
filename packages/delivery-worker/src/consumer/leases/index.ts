export {
  ConsumptionLeases,
  type ConsumptionLeasesOptions,
  type Holding,
} from './consumptionLeases';
