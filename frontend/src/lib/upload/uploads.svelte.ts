import { Upload, type DetailedError } from 'tus-js-client';
import { filterVersion } from '#lib/sift/allow.js';
import { path } from '#lib/api/client.js';

const chunkSize = 8 * 1024 * 1024;
const speedWindow = 5_000;

export type UploadState = 'waiting' | 'sending' | 'paused' | 'done' | 'failed';
export type Content = { fileName: string; size: number; lastModified: number; blob: Blob };
export type UploadKind = 'archive' | 'media';

/** Sending is one upload; it goes on while the owner looks at other pages of the app. */
export class Sending {
	state = $state<UploadState>('waiting');
	sent = $state(0);
	speed = $state(0); // bytes a second over the last few seconds
	error = $state('');
	readonly total: number;
	readonly fileName: string;
	readonly done: Promise<void>;
	private readonly upload: Upload;
	private readonly key: string | undefined; // only an archive is offered again after a reload
	private samples: { at: number; sent: number }[] = [];
	private finish: () => void = () => {};

	constructor(move: string, kind: UploadKind, content: Content) {
		const { fileName, size, lastModified, blob } = content;
		this.total = blob.size;
		this.fileName = fileName;
		this.done = new Promise((resolve) => (this.finish = resolve));
		this.key = kind === 'archive' ? unfinishedKey(move) : undefined;
		// The same file sifted by the same rule gives the same bytes, so what was sent before still counts.
		const fingerprint = ['skein', move, kind, fileName, size, lastModified, filterVersion, blob.size].join(
			'|'
		);
		this.upload = new Upload(blob, {
			endpoint: path('/uploads/'),
			chunkSize,
			retryDelays: [0, 1_000, 3_000, 5_000, 10_000, 20_000],
			metadata: { move, filename: fileName, kind },
			fingerprint: async () => fingerprint,
			storeFingerprintForResuming: true,
			removeFingerprintOnSuccess: true,
			onProgress: (sent) => this.progress(sent),
			onError: (error) => {
				this.state = 'failed';
				this.error = reason(error);
			},
			onSuccess: () => {
				this.state = 'done';
				this.sent = this.total;
				forget(this.key);
				this.finish();
			}
		});
		remember(this.key, { fileName, sent: 0, total: this.total });
	}

	/** start begins, or goes on where an earlier try of the same file stopped. */
	async start() {
		this.state = 'sending';
		this.error = '';
		this.samples = [];
		const [earlier] = await this.upload.findPreviousUploads();
		if (earlier) this.upload.resumeFromPreviousUpload(earlier);
		this.upload.start();
	}

	async pause() {
		await this.upload.abort();
		this.state = 'paused';
		this.speed = 0;
	}

	/** secondsLeft is undefined until the speed is known. */
	get secondsLeft(): number | undefined {
		return this.speed > 0 ? (this.total - this.sent) / this.speed : undefined;
	}

	private progress(sent: number) {
		this.sent = sent;
		const now = performance.now();
		this.samples = [...this.samples.filter((s) => now - s.at < speedWindow), { at: now, sent }];
		const first = this.samples[0]!;
		if (now - first.at > 500) this.speed = ((sent - first.sent) / (now - first.at)) * 1000;
		remember(this.key, { fileName: this.fileName, sent, total: this.total });
	}
}

/** reason is what the server said, else what the browser did. */
function reason(error: Error | DetailedError): string {
	const body = 'originalResponse' in error ? error.originalResponse?.getBody() : undefined;
	try {
		return (JSON.parse(body ?? '') as { detail?: string }).detail || error.message;
	} catch {
		return error.message;
	}
}

/** Unfinished is an upload that a closed page left behind. */
export type Unfinished = { fileName: string; sent: number; total: number };

const unfinishedKey = (move: string) => `skein.upload.${move}`;

function remember(key: string | undefined, value: Unfinished) {
	if (!key) return;
	try {
		localStorage.setItem(key, JSON.stringify(value));
	} catch {
		// Without storage the upload starts again after a reload.
	}
}

function forget(key: string | undefined) {
	if (!key) return;
	try {
		localStorage.removeItem(key);
	} catch {
		// Nothing was stored then.
	}
}

export function unfinished(move: string): Unfinished | undefined {
	try {
		return JSON.parse(localStorage.getItem(unfinishedKey(move)) ?? 'null') ?? undefined;
	} catch {
		return undefined;
	}
}
