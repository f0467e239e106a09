import { hashOf, parseRoute, type Route } from './index.ts';

class Current {
  private route_ = $state.raw<Route>(parseRoute(globalThis.location?.hash ?? ''));
  constructor() {
    globalThis.addEventListener?.('hashchange', () => (this.route_ = parseRoute(location.hash)));
  }
  get route(): Route {
    return this.route_;
  }
  go(route: Parameters<typeof hashOf>[0]): void {
    location.hash = hashOf(route);
  }
}

/** The page's own route; changes with the address. */
export const current = new Current();
