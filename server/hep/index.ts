// Capture for Homer (HEP version 3).
export { HepExporter, type HepOptions } from './exporter.ts';
