import { path } from './client';

export type ExportFile = 'following_accounts.csv' | 'blocked_accounts.csv' | 'muted_accounts.csv';

/** exportUrl is where a CSV in Mastodon's format is downloaded from. */
export const exportUrl = (move: string, file: ExportFile) =>
	path(`/moves/${encodeURIComponent(move)}/exports/${file}`);
