import { asProblem } from '$lib/api';

interface Asked<Found> {
  /** After the causes last changed. */
  wait_ms: number;
  ask: () => Promise<Found>;
  /** May give a time after which it is asked again: what is not ready yet. */
  take: (found: Found) => number | undefined;
  failed?: (why: string) => void;
}

/**
 * Asks the server once what an $effect depends on has come to rest. The effect reads its causes, calls this and returns what this returns;
 * nothing that `ask` and `take` read is a cause, and an answer that comes after the causes changed is passed over.
 */
export function onceRested<Found>({ wait_ms, ask, take, failed }: Asked<Found>): () => void {
  let left = false;
  let timer: ReturnType<typeof setTimeout>;
  const go = async (): Promise<void> => {
    try {
      const found = await ask();
      if (left) return;
      const again_ms = take(found);
      if (again_ms !== undefined) timer = setTimeout(() => void go(), again_ms);
    } catch (error) {
      if (!left) failed?.(asProblem(error).message);
    }
  };
  timer = setTimeout(() => void go(), wait_ms);
  return () => {
    left = true;
    clearTimeout(timer);
  };
}
