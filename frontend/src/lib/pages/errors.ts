/** Why a file cannot be read as pages of X. The page has a sentence for each. */
export type PagesFault =
	| 'notPages'
	| 'otherSite'
	| 'noPeople'
	| 'noContents'
	| 'cut'
	| 'noNames'
	| 'tooMany'
	| 'tooLarge'
	| 'unreadable';

export class PagesError extends Error {
	readonly fault: PagesFault;
	readonly file: string;
	/** How many people are taken. */
	readonly most: number;

	constructor(fault: PagesFault, file = '', most = 0) {
		super(fault);
		this.name = 'PagesError';
		this.fault = fault;
		this.file = file;
		this.most = most;
	}
}
