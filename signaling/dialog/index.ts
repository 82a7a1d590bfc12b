// Dialogs: RFC 3261 §12.
export { Dialog, type DialogId, type DialogState, type InDialogOptions } from './dialog.ts';
export { type DialogEntry, DialogTable } from './dialog-table.ts';
