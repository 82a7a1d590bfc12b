// Files from phone to phone: the protocol, and the disks at both ends.
export { type Delivery, type DeliveryOptions, deliverFile } from './delivery.ts';
export { openDiskFile } from './disk-file.ts';
export { DiskInbox, type DiskInboxOptions, openDiskInbox } from './disk-inbox.ts';
export { safeFileName } from './file-name.ts';
export { type ReceiveFileOptions, receiveFile } from './receive-file.ts';
export { type SendFileOptions, sendFile } from './send-file.ts';
export type * from './types.ts';
