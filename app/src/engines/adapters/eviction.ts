/** Whether a resident that no request uses leaves to make room: among the first, only where those are gone, or never. */
export type Eviction = (name: string) => "first" | "last" | "never";

/** For a request: whatever has not been used for longest. */
export const LEAST_RECENTLY_USED: Eviction = () => "first";
