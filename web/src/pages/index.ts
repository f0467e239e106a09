import type { IconName } from '$lib/ui';
import type { FilmStore } from '$lib/store';
import type { Player } from '$lib/player';
import type { Route } from '$lib/route';
import type { Me } from '$lib/api';
import type { Component } from 'svelte';

/** What every page of a film is given. */
export interface PageProps {
  film: FilmStore;
  player: Player;
  route: Route;
}
/** What pages outside films are given. */
export interface OuterPageProps {
  /** Null: nobody is logged in. */
  me: Me | null;
  route: Route;
  /** Asks the server again who this is: after a login or an invitation. */
  refresh: () => Promise<void>;
}

type Load<Props extends object> = () => Promise<{ default: Component<Props> }>;

/** Pages of a film in their order; `phase` gives the colour. `right`: without it the page is not offered. */
export interface FilmPage {
  name: 'board' | 'timeline' | 'dialogue' | 'adr' | 'design' | 'foley' | 'music' | 'mix' | 'deliver' | 'booth';
  load: Load<PageProps>;
  right: string;
  icon?: IconName;
}

export const kFilmPages: readonly FilmPage[] = [
  { name: 'board', load: () => import('./Board.svelte'), right: 'read' },
  { name: 'timeline', load: () => import('./Timeline.svelte'), right: 'read' },
  { name: 'dialogue', load: () => import('./Dialogue.svelte'), right: 'read' },
  { name: 'adr', load: () => import('./Adr.svelte'), right: 'read' },
  { name: 'design', load: () => import('./Design.svelte'), right: 'read' },
  { name: 'foley', load: () => import('./Foley.svelte'), right: 'read' },
  { name: 'music', load: () => import('./Music.svelte'), right: 'read' },
  { name: 'mix', load: () => import('./Mix.svelte'), right: 'read' },
  { name: 'deliver', load: () => import('./Deliver.svelte'), right: 'read' },
];

export const kOuterPages: Readonly<Record<string, Load<OuterPageProps>>> = {
  login: () => import('./Login.svelte'),
  invite: () => import('./Invite.svelte'),
  people: () => import('./People.svelte'),
  booth: () => import('./Booth.svelte'),
};
