import type { FilmStore } from '$lib/store';
import type { LivePlayer } from './live_player.ts';

const kQuiet_ms = 400;

/** Keeps what is heard in step with the document: settings of the mix at once, everything else once the server has compiled it. Ends with the function it gives. */
export function followFilm(film: FilmStore, player: LivePlayer): () => void {
  let { mix } = film.document;
  let others = othersOf(film);
  let revision = film.revision;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = $effect.root(() => {
    $effect(() => {
      const document = film.document;
      if (document.mix !== mix) {
        mix = document.mix;
        player.setLive('mix', '', mix);
      }
      const now = othersOf(film);
      if (film.revision === revision || now.every((part, i) => part === others[i])) return;
      others = now;
      revision = film.revision;
      clearTimeout(timer);
      timer = setTimeout(() => void player.refresh(), kQuiet_ms);
    });
  });
  return () => {
    clearTimeout(timer);
    end();
  };
}

/** The parts of the document from which the tracks come. */
function othersOf(film: FilmStore): readonly unknown[] {
  const { picture, media, dialogue, adr, design, foley, music, delivery, layout } = film.document;
  return [picture, media, dialogue, adr, design, foley, music, delivery, layout];
}
