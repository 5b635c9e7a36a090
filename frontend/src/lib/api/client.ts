/** ApiError is an answer that is not a success, in the words of its problem+json body. */
export class ApiError extends Error {
	readonly status: number;
	readonly title: string;
	readonly detail: string;

	constructor(status: number, title: string, detail: string) {
		super(detail || title || `HTTP ${status}`);
		this.name = 'ApiError';
		this.status = status;
		this.title = title;
		this.detail = detail;
	}
}

type Query = Record<string, string | number | boolean | undefined>;
type Fetch = typeof fetch;

/** path joins a path with its query; values that are undefined or empty are left out. */
export function path(base: string, query: Query = {}): string {
	const params = new URLSearchParams();
	for (const [name, value] of Object.entries(query)) {
		if (value !== undefined && value !== '') params.set(name, String(value));
	}
	const text = params.toString();
	return `/api/v1${base}${text ? `?${text}` : ''}`;
}

/**
 * request sends JSON and returns the JSON of the answer. It throws an ApiError, with status 0 where no
 * answer came at all. Pass SvelteKit's own fetch inside a load function.
 */
export async function request<T>(
	method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
	url: string,
	body?: unknown,
	send: Fetch = fetch
): Promise<T> {
	let response: Response;
	try {
		response = await send(url, {
			method,
			headers: {
				accept: 'application/json',
				...(body === undefined ? {} : { 'content-type': 'application/json' })
			},
			body: body === undefined ? undefined : JSON.stringify(body)
		});
	} catch {
		throw new ApiError(0, '', '');
	}
	if (!response.ok) throw await problem(response);
	if (response.status === 204) return undefined as T;
	return (await response.json()) as T;
}

async function problem(response: Response): Promise<ApiError> {
	try {
		const body = (await response.json()) as {
			title?: string;
			detail?: string;
			errors?: { message?: string }[];
		};
		const more = (body.errors ?? []).map((e) => e.message).filter(Boolean);
		return new ApiError(response.status, body.title ?? '', [body.detail, ...more].filter(Boolean).join(' '));
	} catch {
		return new ApiError(response.status, response.statusText, '');
	}
}

export const get = <T>(url: string, send?: Fetch) => request<T>('GET', url, undefined, send);
export const post = <T>(url: string, body?: unknown, send?: Fetch) =>
	request<T>('POST', url, body ?? {}, send);
