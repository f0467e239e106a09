export { Api, FilmApi, urlOf, type Query } from './client.ts';
export { asProblem, Problem } from './problem.ts';
export { LiveSocket, openFilmSocket, type Channel, type Connection } from './socket.ts';
export * from './values.ts';
