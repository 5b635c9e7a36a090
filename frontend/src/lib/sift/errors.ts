/** Why a file cannot be used as an archive. The page has a sentence for each. */
export type SiftFault =
	'notZip' | 'cut' | 'encrypted' | 'other' | 'broken' | 'tooMany' | 'split' | 'unreadable';

export class SiftError extends Error {
	readonly fault: SiftFault;
	readonly file: string;

	constructor(fault: SiftFault, file = '') {
		super(fault);
		this.name = 'SiftError';
		this.fault = fault;
		this.file = file;
	}
}
