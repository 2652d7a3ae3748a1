export * from './ChartFigure';
