import { path } from './client';

export type ExportFile =
	| 'following_accounts.csv'
	| 'blocked_accounts.csv'
	| 'muted_accounts.csv'
	| 'unresolved_people.csv'
	| 'people.json';

/** exportUrl is where a file is downloaded from. */
export const exportUrl = (move: string, file: ExportFile) =>
	path(`/moves/${encodeURIComponent(move)}/exports/${file}`);
