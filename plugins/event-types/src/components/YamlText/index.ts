export * from './ProblemsTable';
export * from './useCheck';
export * from './YamlSource';
export * from './YamlText';
