const table = new Uint32Array(256).map((_, n) => {
	for (let bit = 0; bit < 8; bit++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
	return n >>> 0;
});

/** crc32 goes on from the checksum of the bytes before; start with 0. */
export function crc32(bytes: Uint8Array, before = 0): number {
	let c = ~before;
	for (const b of bytes) c = table[(c ^ b) & 0xff]! ^ (c >>> 8);
	return ~c >>> 0;
}
