export * from './ProblemsTable';
export * from './Snippet';
export * from './useCheck';
export * from './Verdict';
export * from './YamlSource';
export * from './YamlText';
