export * from './ProblemPanel';
