// The quality of calls, told to others and by others.
export { PhoneReports, type PhoneReportsOptions } from './phone-reports.ts';
export type * from './types.ts';
