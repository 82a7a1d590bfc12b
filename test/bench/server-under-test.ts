export async function startServerUnderTest(_o: unknown): Promise<never> { throw new Error('not yet'); }
